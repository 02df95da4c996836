// SPDX-License-Identifier: Apache-2.0
#include "sandbox/kept_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/text.hpp"

namespace oc::sandbox {
namespace {

using base::ByteCount;

Output kept(std::string_view text, std::int64_t limit) {
  KeptOutput output{ByteCount(limit)};
  output.add(text);
  return output.finish();
}

TEST(KeptOutput, KeepsAllThatFits) {
  EXPECT_EQ(kept("", 10), Output{});
  EXPECT_EQ(kept("0123456789", 10).head, "0123456789");
  EXPECT_EQ(kept("0123456789", 10).text(), "0123456789");
  EXPECT_EQ(kept("0123456789", 10).dropped, ByteCount(0));
}

TEST(KeptOutput, SaysHowMuchOfTheMiddleIsMissing) {
  const Output output = kept("first\nsecond\nthird\nfourth\nfifth\n", 18);
  EXPECT_EQ(output.head, "first\n");
  EXPECT_EQ(output.tail, "fifth\n");
  EXPECT_EQ(output.dropped, ByteCount(20));
  EXPECT_EQ(output.text(), "first\n[… 20 B left out …]\nfifth\n");
}

TEST(KeptOutput, DoesNotCutCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "日";
  for (int limit = 0; limit < 60; ++limit) {
    const Output output = kept(text, limit);
    EXPECT_FALSE(base::find_invalid_utf8(output.head)) << limit;
    EXPECT_FALSE(base::find_invalid_utf8(output.tail)) << limit;
  }
}

// Whatever the pieces: the result is that of the whole text, and nothing is lost unsaid.
TEST(KeptOutput, DoesNotDependOnHowTheBytesCome) {
  std::mt19937 random(5);
  const auto any = [&](std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(random); };
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = 0, n = any(2000); i < n; ++i) text += any(30) == 0 ? '\n' : static_cast<char>('a' + any(25));
    const auto limit = static_cast<std::int64_t>(any(1500));
    KeptOutput output{ByteCount(limit)};
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t n = 1 + any(400);
      output.add(std::string_view(text).substr(at, n));
      at += n;
    }
    const Output result = output.finish();
    EXPECT_EQ(result, kept(text, limit));
    EXPECT_TRUE(text.starts_with(result.head));
    EXPECT_TRUE(text.ends_with(result.tail));
    const auto size = static_cast<std::int64_t>(result.head.size() + result.tail.size());
    EXPECT_LE(size, limit);
    EXPECT_EQ(size + result.dropped.value, static_cast<std::int64_t>(text.size()));
  }
}

}  // namespace
}  // namespace oc::sandbox
