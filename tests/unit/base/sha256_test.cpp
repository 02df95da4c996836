// SPDX-License-Identifier: Apache-2.0
#include "base/sha256.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

using testing::ScratchFolder;

// Vectors of FIPS 180-4's examples.
TEST(Sha256, KnownVectors) {
  EXPECT_EQ(sha256(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256(std::string(1'000'000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, DigestAndTextAgree) {
  EXPECT_EQ(to_hex(sha256_digest("abc")), sha256("abc"));
  EXPECT_EQ(sha256_digest("abc")[0], 0xba);
  EXPECT_EQ(to_hex({}), "");
}

TEST(Sha256, OfAFileIsThatOfItsBytes) {
  const ScratchFolder folder;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20, (std::size_t{1} << 20) + 1}) {
    const std::string bytes(size, '\r');
    ASSERT_TRUE(replace_file(folder / "f", bytes));
    std::int64_t seen = 0;
    const auto digest = sha256_of_file(folder / "f", [&](ByteCount done) {
      EXPECT_GT(done.value, seen);
      seen = done.value;
      return true;
    });
    EXPECT_EQ(digest.value_or("error"), sha256(bytes));
    EXPECT_EQ(seen, static_cast<std::int64_t>(size));
  }
}

TEST(Sha256, OfAFileStopsWhenToldAndSaysWhyNot) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "f", "x"));
  const auto stopped = sha256_of_file(folder / "f", [](ByteCount) { return false; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  const auto go_on = [](ByteCount) { return true; };
  for (const Path& path : {folder / "none", folder.path()}) {
    const auto failed = sha256_of_file(path, go_on);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, ErrorKind::io);
  }
}

}  // namespace
}  // namespace oc::base
