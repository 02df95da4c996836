// SPDX-License-Identifier: Apache-2.0
#include "context/git_index.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace oc::context {
namespace {

struct IndexEntry {
  std::string path;
  std::uint32_t mode = 0100644;
  bool is_extended = false;
};

std::string big_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) text += static_cast<char>(value >> (8 * i) & 0xFF);
  return text;
}

// git's index of those entries, as its format says.
std::string make_index(std::uint32_t version, const std::vector<IndexEntry>& entries, std::size_t hash_size = 20,
                       const std::string& extensions = {}) {
  std::string bytes = "DIRC" + big_endian(version, 4) + big_endian(static_cast<std::uint32_t>(entries.size()), 4);
  std::string last;
  for (const IndexEntry& entry : entries) {
    std::string one = std::string(24, '\1') + big_endian(entry.mode, 4) + std::string(12, '\2');
    one += std::string(hash_size, '\3');
    one += big_endian(static_cast<std::uint32_t>(entry.path.size()) | (entry.is_extended ? 0x4000U : 0U), 2);
    if (entry.is_extended) one += big_endian(0x2000, 2);
    if (version == 4) {
      std::size_t common = 0;
      while (common < last.size() && common < entry.path.size() && last[common] == entry.path[common]) ++common;
      std::size_t drop = last.size() - common;
      std::string number(1, static_cast<char>(drop & 0x7F));
      while ((drop >>= 7) != 0) number.insert(number.begin(), static_cast<char>(0x80 | (--drop & 0x7F)));
      one += number + entry.path.substr(common) + '\0';
      last = entry.path;
    } else {
      one += entry.path;
      one.append(8 - one.size() % 8, '\0');
    }
    bytes += one;
  }
  return bytes + extensions + std::string(hash_size, '\4');
}

std::vector<std::string> paths_of(const GitIndex& index, GitIndex::Range range) {
  std::vector<std::string> paths;
  for (std::size_t i = range.first; i < range.last; ++i) paths.emplace_back(index.path(i));
  return paths;
}

const std::vector<IndexEntry> k_entries = {
    {"a-b"},          {"a.c"},   {"a/b/c"}, {"a/b/d", 0120000}, {"a/c"}, {"a0"}, {std::string(300, 'n') + "/x"},
    {"sub", 0160000}, {"sub2/f"}};

TEST(GitIndex, FindsFilesAndFolders) {
  for (const std::uint32_t version : {2U, 3U, 4U})
    for (const std::size_t hash_size : {20U, 32U}) {
      const auto index = parse_git_index(make_index(version, k_entries, hash_size), hash_size);
      ASSERT_TRUE(index) << index.error().message;
      const auto all = index->all();
      EXPECT_EQ(paths_of(*index, all).size(), k_entries.size());
      const auto below = index->below("a/", all);
      EXPECT_EQ(paths_of(*index, below), (std::vector<std::string>{"a/b/c", "a/b/d", "a/c"}));
      EXPECT_EQ(paths_of(*index, index->below("a/b/", below)), (std::vector<std::string>{"a/b/c", "a/b/d"}));
      EXPECT_TRUE(index->below("b/", all).is_empty());
      EXPECT_TRUE(index->below("a/b/c/", below).is_empty());
      EXPECT_EQ(paths_of(*index, index->below("", all)).size(), k_entries.size());
      EXPECT_EQ(index->find("a/c", below), GitIndex::Tracked::file);
      EXPECT_EQ(index->find("a/b", below), GitIndex::Tracked::no);
      EXPECT_EQ(index->find("sub", all), GitIndex::Tracked::submodule);
      EXPECT_EQ(index->find("a-b", below), GitIndex::Tracked::no) << "sought where it is not";
    }
}

TEST(GitIndex, ConflictsExtendedEntriesAndSparseFolders) {
  const auto index =
      parse_git_index(make_index(3, {{"a"}, {"a"}, {"a"}, {"b", 0100644, true}, {"gone/", 0040000, true}, {"z"}}), 20);
  ASSERT_TRUE(index) << index.error().message;
  EXPECT_EQ(paths_of(*index, index->all()), (std::vector<std::string>{"a", "b", "z"}));
}

TEST(GitIndex, EmptyOnes) {
  EXPECT_TRUE(parse_git_index(make_index(2, {}), 20)->all().is_empty());
  EXPECT_TRUE(GitIndex().below("a/", GitIndex().all()).is_empty());
  EXPECT_EQ(GitIndex().find("a", {}), GitIndex::Tracked::no);
}

TEST(GitIndex, WhatIsNotUnderstood) {
  const auto message_of = [](const std::string& bytes) {
    const auto index = parse_git_index(bytes, 20);
    return index ? std::string() : index.error().message;
  };
  EXPECT_EQ(message_of(""), "git's index is damaged");
  EXPECT_EQ(message_of("DIRC"), "git's index is damaged");
  EXPECT_EQ(message_of(make_index(5, k_entries)), "git's index has version 5");
  EXPECT_EQ(message_of(make_index(2, {{"b"}, {"a"}})), "git's index is damaged");
  EXPECT_EQ(message_of(make_index(2, {{"a", 0100644, true}})), "git's index is damaged");
  EXPECT_EQ(message_of(make_index(2, k_entries, 20, "link" + big_endian(0, 4))), "git's index is a split one");
  EXPECT_EQ(message_of(make_index(2, k_entries, 20, "newx" + big_endian(0, 4))), "git's index is of a newer kind");
  EXPECT_EQ(message_of(make_index(2, k_entries, 20, "TREE" + big_endian(0, 4))), "");
  EXPECT_EQ(message_of(make_index(2, k_entries, 20, "TREE" + big_endian(9, 4))), "git's index is damaged");
  EXPECT_NE(message_of(make_index(2, k_entries, 32)), "") << "of another format";
}

// A path that is long, and many entries that are the same but for an end of one byte.
TEST(GitIndex, CompressedPathsCannotFillTheMemory) {
  std::vector<IndexEntry> entries;
  const std::string stem(100'000, 'p');
  for (int i = 0; i < 250; ++i) entries.push_back({stem + static_cast<char>(i + 1)});
  EXPECT_FALSE(parse_git_index(make_index(4, entries), 20));
}

// Sanitizers find what the expectations do not.
TEST(GitIndex, AnyBytesAreTaken) {
  std::mt19937 random(7);
  for (const std::uint32_t version : {2U, 3U, 4U}) {
    const std::string whole = make_index(version, k_entries, 20, "TREE" + big_endian(4, 4) + "abcd");
    for (std::size_t size = 0; size < whole.size(); ++size) (void)parse_git_index(whole.substr(0, size), 20);
    for (int i = 0; i < 3000; ++i) {
      std::string bytes = whole;
      for (int changes = 1 + static_cast<int>(random() % 4); changes > 0; --changes)
        bytes[random() % bytes.size()] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      const auto index = parse_git_index(bytes, 20);
      if (!index) continue;
      const auto below = index->below("a/", index->all());
      EXPECT_LE(below.last, index->all().last);
      for (const std::string& path : paths_of(*index, index->all())) EXPECT_FALSE(path.empty());
    }
  }
}

}  // namespace
}  // namespace oc::context
