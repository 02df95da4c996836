// SPDX-License-Identifier: Apache-2.0
#include "base/folder_entries.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <map>
#include <thread>

#include "unit/base/scratch_folder.hpp"

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oc::base {
namespace {

using testing::ScratchFolder;

void write(const Path& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

std::map<std::string, FolderEntry> entries_of(const Path& folder) {
  std::map<std::string, FolderEntry> found;
  const auto listed = list_folder_entries(folder);
  EXPECT_TRUE(listed) << listed.error().message;
  if (listed)
    for (const FolderEntry& entry : *listed) found.emplace(entry.name, entry);
  return found;
}

TEST(FolderEntries, KindsSizesAndNames) {
  const ScratchFolder folder;
  write(folder / "ż日.txt", "12345");
  write(folder / ".hidden", "");
  std::filesystem::create_directory(folder / "sub");
  const auto found = entries_of(folder.path());
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found.at("ż日.txt").kind, EntryKind::file);
  EXPECT_EQ(found.at("ż日.txt").stamp.size, 5);
  EXPECT_EQ(found.at(".hidden").stamp.size, 0);
  EXPECT_EQ(found.at("sub").kind, EntryKind::folder);
}

TEST(FolderEntries, ManyEntriesComeWhole) {
  const ScratchFolder folder;
  const std::string stem(60, 'n');
  for (int i = 0; i < 1500; ++i) write(folder / (stem + std::to_string(i)), "");
  EXPECT_EQ(entries_of(folder.path()).size(), 1500U);
}

TEST(FolderEntries, ListAndLookUpAgree) {
  const ScratchFolder folder;
  write(folder / "a", "abc");
  const auto listed = entries_of(folder.path()).at("a");
  const auto found = find_folder_entry(folder / "a").value().value();
  EXPECT_EQ(found.name, "a");
  EXPECT_EQ(found.kind, listed.kind);
  EXPECT_EQ(found.stamp, listed.stamp);
}

TEST(FolderEntries, WhatIsNotThere) {
  const ScratchFolder folder;
  write(folder / "file", "");
  EXPECT_FALSE(find_folder_entry(folder / "none").value());
#ifndef _WIN32  // Windows tells a file that is no folder only when it is listed
  EXPECT_FALSE(find_folder_entry(folder / "file" / "below").value());
#endif
  EXPECT_EQ(list_folder_entries(folder / "none").error().kind, ErrorKind::io);
  EXPECT_EQ(list_folder_entries(folder / "file").error().kind, ErrorKind::io);
}

TEST(FolderEntries, AStampShowsEveryChange) {
  const ScratchFolder folder;
  const Path path = folder / "a";
  write(path, "one");
  const FileStamp before = find_folder_entry(path).value().value().stamp;
  std::this_thread::sleep_for(std::chrono::milliseconds(25));
  write(path, "two");
  const FileStamp after = find_folder_entry(path).value().value().stamp;
  EXPECT_EQ(before.inode, after.inode);
  EXPECT_EQ(before.size, after.size);
  EXPECT_NE(before, after);
}

TEST(IsRacy, AsLongAsTheClockMayNotHaveTicked) {
  const ScratchFolder folder;
  write(folder / "a", "one");
  const FileStamp fresh = find_folder_entry(folder / "a").value().value().stamp;
  EXPECT_TRUE(is_racy(fresh, file_clock_now_ns()));
  EXPECT_TRUE(is_racy(fresh, fresh.modified_ns));
  constexpr std::int64_t second = 1'000'000'000;
  EXPECT_TRUE(is_racy(fresh, fresh.modified_ns - second)) << "written after it was read";
  EXPECT_FALSE(is_racy(fresh, fresh.modified_ns + 3 * second));
  FileStamp stamp;
  stamp.modified_ns = stamp.changed_ns = 1'000 * second + 1;
  EXPECT_FALSE(is_racy(stamp, 1'001 * second));
  stamp.modified_ns = stamp.changed_ns = 1'000 * second;
  EXPECT_TRUE(is_racy(stamp, 1'001 * second)) << "a file system that keeps whole seconds";
  stamp.changed_ns = 1'001 * second - 1;
  EXPECT_TRUE(is_racy(stamp, 1'001 * second)) << "the modification time was set back";
}

#ifndef _WIN32

TEST(FolderEntries, LinksAreNotFollowedAndPipesDoNotBlock) {
  const ScratchFolder folder;
  std::filesystem::create_directory_symlink(folder.path(), folder / "loop");
  std::filesystem::create_symlink("nowhere", folder / "dangling");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  const auto found = entries_of(folder.path());
  EXPECT_EQ(found.at("loop").kind, EntryKind::symlink);
  EXPECT_EQ(found.at("dangling").kind, EntryKind::symlink);
  EXPECT_EQ(found.at("pipe").kind, EntryKind::special);
  EXPECT_EQ(find_folder_entry(folder / "loop").value().value().kind, EntryKind::symlink);
  EXPECT_EQ(list_folder_entries(folder / "pipe").error().kind, ErrorKind::io);
}

TEST(FolderEntries, NamesThatAreNotUtf8KeepTheirBytes) {
  const ScratchFolder folder;
  const std::string name = "caf\xE9";
  write(folder.path() / name, "x");
  EXPECT_TRUE(entries_of(folder.path()).contains(name));
}

TEST(FolderEntries, AFolderThatMayNotBeRead) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "locked");
  ::chmod((folder / "locked").c_str(), 0);
  EXPECT_EQ(list_folder_entries(folder / "locked").error().kind, ErrorKind::io);
  ::chmod((folder / "locked").c_str(), 0700);
}

#endif

}  // namespace
}  // namespace oc::base
