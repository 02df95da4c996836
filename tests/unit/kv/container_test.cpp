// SPDX-License-Identifier: Apache-2.0
#include "kv/container.hpp"

#include <gtest/gtest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "unit/kv/sample_entries.hpp"

namespace oc::kv {
namespace {

using testing::entry_of;

constexpr std::size_t k_trailer_size = 88;
constexpr std::size_t k_checksum_size = 16;

// Makes the checksum right again: what a forger, not an accident, would do.
void seal(std::string& bytes) {
  const std::size_t checked = bytes.size() - k_checksum_size;
  XXH128_canonical_t sum;
  XXH128_canonicalFromHash(&sum, XXH3_128bits(bytes.data(), checked));
  std::copy_n(reinterpret_cast<const char*>(sum.digest), k_checksum_size,
              bytes.begin() + static_cast<std::ptrdiff_t>(checked));
}

TEST(Container, WhatIsEncodedIsParsed) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    Entry entry = entry_of(i, random() % 3000);
    entry.identity.assign(random() % 200, static_cast<char>(random()));
    entry.tokens.resize(random() % 600);
    for (std::int32_t& token : entry.tokens) token = static_cast<std::int32_t>(random());
    entry.position = static_cast<std::int32_t>(random());
    const std::string bytes = encode(entry);
    EXPECT_EQ(bytes, entry.state + encode_after_state(entry));
    const auto parsed = parse(bytes);
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(*parsed, entry);
  }
}

TEST(Container, EmptyAndExtreme) {
  Entry entry;
  EXPECT_EQ(encode(entry).size(), k_trailer_size);
  EXPECT_EQ(parse(encode(entry)), entry);
  entry.tokens = {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
  entry.position = std::numeric_limits<std::int32_t>::max();
  entry.identity = std::string("\0\n", 2);
  EXPECT_EQ(parse(encode(entry)), entry);
}

TEST(Container, TheStateIsNotCopied) {
  const std::string bytes = encode(entry_of(3, 100'000));
  std::string given = bytes;
  const char* place = given.data();
  const auto parsed = parse(std::move(given));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->state.data(), place);
}

TEST(Container, AnEntryHasOneForm) { EXPECT_EQ(encode(entry_of(4)), encode(entry_of(4))); }

// Damage of every kind to files of several sizes; gives a file that differs from `bytes`.
std::string damage(const std::string& bytes, const std::string& other, std::mt19937& random) {
  std::string damaged = bytes;
  const std::size_t place = random() % bytes.size();
  switch (random() % 8) {
    case 0: damaged.resize(place); break;
    case 1: damaged[place] = static_cast<char>(damaged[place] ^ (1 << random() % 8)); break;
    case 2: damaged.append(1 + random() % 100, static_cast<char>(random())); break;
    case 3: damaged.erase(0, 1 + random() % bytes.size()); break;
    case 4: damaged.replace(place, std::string::npos, other, std::min(place, other.size()), std::string::npos); break;
    case 5: std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(place), damaged.end(), '\0'); break;
    case 6:  // a field of the trailer
      damaged[bytes.size() - 1 - random() % std::min(bytes.size(), k_trailer_size)] = static_cast<char>(random());
      break;
    default:
      for (char& c : damaged) c = static_cast<char>(random());
  }
  return damaged;
}

TEST(Container, NoDamageIsAccepted) {
  std::mt19937 random(2);
  std::vector<std::string> files;
  for (int i = 0; i < 20; ++i) files.push_back(encode(entry_of(i, i == 0 ? 0 : random() % 400)));
  int tried = 0;
  while (tried < 10'000) {
    const std::string& bytes = files[random() % files.size()];
    const std::string damaged = damage(bytes, files[random() % files.size()], random);
    if (std::ranges::find(files, damaged) != files.end()) continue;
    ASSERT_FALSE(parse(damaged)) << tried;
    ++tried;
  }
}

TEST(Container, EveryBitCounts) {
  const std::string bytes = encode(entry_of(5, 40));
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    std::string damaged = bytes;
    damaged[i / 8] = static_cast<char>(damaged[i / 8] ^ (1 << i % 8));
    ASSERT_FALSE(parse(damaged)) << i;
  }
}

TEST(Container, EveryTruncationShows) {
  const std::string bytes = encode(entry_of(6, 300));
  for (std::size_t size = 0; size < bytes.size(); ++size) ASSERT_FALSE(parse(bytes.substr(0, size))) << size;
}

// With a right checksum: no length is trusted, and what is accepted is what would have been written.
TEST(Container, ForgedLengthsDoNoHarm) {
  std::mt19937 random(3);
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::string bytes = encode(entry_of(i % 9, random() % 100));
    const std::size_t trailer = bytes.size() - k_trailer_size;
    for (auto n = 1 + random() % 3; n > 0; --n) {
      const std::size_t place = trailer + 32 + random() % 40;  // lengths, counts, position, version, magic
      bytes[place] = static_cast<char>(random() % 4 == 0 ? 0xFF : random() % 6);
    }
    seal(bytes);
    const auto parsed = parse(bytes);
    if (!parsed) continue;
    ++accepted;
    ASSERT_EQ(encode(*parsed), bytes);
  }
  EXPECT_GT(accepted, 0);  // a changed position, say
  EXPECT_LT(accepted, 5'000);
}

TEST(Container, ErrorsAreOfKindIo) {
  for (const std::string& bytes : {std::string(), std::string("x"), std::string(k_trailer_size, '\0')})
    EXPECT_EQ(parse(bytes).error().kind, base::ErrorKind::io);
}

}  // namespace
}  // namespace oc::kv
