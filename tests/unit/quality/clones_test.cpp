// SPDX-License-Identifier: Apache-2.0
#include "quality/clones.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace oc::quality {
namespace {

// A token a line.
FileTokens file_of(const std::vector<std::uint64_t>& hashes) {
  FileTokens file;
  for (const std::uint64_t hash : hashes) {
    file.hashes.push_back(hash * 0x9e3779b97f4a7c15 + 7);
    file.lines.push_back(static_cast<std::uint32_t>(file.lines.size() + 1));
  }
  return file;
}

std::vector<std::uint64_t> numbers(std::uint64_t first, std::size_t count) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(first + i);
  return all;
}

std::vector<std::uint64_t> operator+(std::vector<std::uint64_t> a, const std::vector<std::uint64_t>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string shown(const CloneSearch& search) {
  std::string text;
  for (const Clone& clone : search.clones) {
    text += fmt::format("{}:", clone.tokens);
    for (const ClonePlace& place : clone.places)
      text += fmt::format(" {}@{}-{}", place.file, place.lines.first.value, place.lines.last.value);
    text += "\n";
  }
  return text;
}

CloneSearch search(const std::vector<FileTokens>& files, std::size_t least = 50) {
  return find_clones(files, least, base::CancelToken());
}

TEST(Clones, OfTwoFilesAreFoundWhole) {
  const auto shared = numbers(1000, 60);
  const CloneSearch found =
      search({file_of(numbers(1, 30) + shared + numbers(100, 5)), file_of(shared + numbers(200, 9))});
  EXPECT_EQ(shown(found), "60: 0@31-90 1@1-60\n");
  EXPECT_EQ(found.copied_lines, 120);
  EXPECT_TRUE(found.is_whole);
}

TEST(Clones, OfExactlyTheLeastLengthAreFoundAndShorterOnesAreNot) {
  for (std::size_t offset = 0; offset < 60; ++offset) {
    const auto at = [&](std::size_t length) {
      return shown(search({file_of(numbers(1, offset) + numbers(1000, length) + numbers(2000, 40)),
                           file_of(numbers(3000, 17) + numbers(1000, length) + numbers(4000, offset))}));
    };
    EXPECT_EQ(at(50), fmt::format("50: 0@{}-{} 1@18-67\n", offset + 1, offset + 50));
    EXPECT_EQ(at(49), "");
  }
}

TEST(Clones, OfThreePlacesAreOne) {
  const auto shared = numbers(1000, 55);
  EXPECT_EQ(shown(search({file_of(shared + numbers(1, 3) + shared), file_of(numbers(50, 2) + shared)})),
            "55: 0@1-55 0@59-113 1@3-57\n");
}

TEST(Clones, DoNotCrossFilesOrOverlapThemselves) {
  EXPECT_EQ(shown(search({file_of(numbers(1, 30)), file_of(numbers(31, 30)), file_of(numbers(1, 60))})), "");
  const CloneSearch zeros = search({file_of(std::vector<std::uint64_t>(5'000, 0))});
  for (const Clone& clone : zeros.clones)
    for (std::size_t i = 1; i < clone.places.size(); ++i)
      EXPECT_GT(clone.places[i].lines.first.value, clone.places[i - 1].lines.last.value);
}

TEST(Clones, OfRandomFilesAreWhatComparingAllFinds) {
  std::mt19937 random(7);
  for (int round = 0; round < 40; ++round) {
    std::vector<std::vector<std::uint64_t>> texts(3);
    for (auto& text : texts)
      for (int i = 0; i < 8; ++i) text = text + numbers(random() % 40 * 1000, 5 + random() % 40);
    std::vector<FileTokens> files;
    for (const auto& text : texts) files.push_back(file_of(text));
    const CloneSearch found = search(files, 20);
    // Every run of 20 that stands in two files is within some clone.
    for (std::size_t a = 0; a + 20 <= texts[0].size(); ++a)
      for (std::size_t b = 0; b + 20 <= texts[1].size(); ++b) {
        if (!std::equal(texts[0].begin() + static_cast<long>(a), texts[0].begin() + static_cast<long>(a) + 20,
                        texts[1].begin() + static_cast<long>(b)))
          continue;
        const bool is_known = std::ranges::any_of(found.clones, [&](const Clone& clone) {
          return std::ranges::any_of(clone.places, [&](const ClonePlace& place) {
            return place.file == 0 && place.lines.first.value <= static_cast<std::int64_t>(a) + 1 &&
                   place.lines.last.value >= static_cast<std::int64_t>(a) + 20;
          });
        });
        EXPECT_TRUE(is_known) << round << ": " << a << " " << b;
      }
  }
}

TEST(Clones, OfManyTokensTakeLinearTime) {
  std::vector<FileTokens> files;
  for (std::uint64_t i = 0; i < 200; ++i) {
    std::vector<std::uint64_t> text;
    for (std::uint64_t k = 0; k < 5'000; ++k) text.push_back(k % 7 == 0 ? i * 10'000 + k : k % 3);
    files.push_back(file_of(text));
  }
  EXPECT_TRUE(search(files).clones.empty());
}

}  // namespace
}  // namespace oc::quality
