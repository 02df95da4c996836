// SPDX-License-Identifier: Apache-2.0
#include "base/cache_files.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/folder_entries.hpp"
#include "unit/base/scratch_folder.hpp"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oc::base {
namespace {

using testing::ScratchFolder;

constexpr ByteCount k_limit{1'000'000};
constexpr std::int64_t k_time = 1'700'000'000'123'456'700;

Result<void> write(const Path& path, std::string_view bytes, std::int64_t time = k_time) {
  const std::array pieces{bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)};
  return write_cache_file(path, pieces, time);
}

TEST(CacheFiles, WhatIsWrittenIsReadWithItsTime) {
  const ScratchFolder folder;
  const std::string bytes("a\0b\r\n\x1a", 6);
  ASSERT_TRUE(write(folder / "f", "old and longer"));
  ASSERT_TRUE(write(folder / "f", bytes));
  EXPECT_EQ(read_cache_file(folder / "f", k_limit).value(), bytes);
  EXPECT_EQ(find_folder_entry(folder / "f").value()->stamp.modified_ns, k_time);
  EXPECT_EQ(folder.names(), std::set<std::string>{"f"});
#ifndef _WIN32
  struct stat facts{};
  ASSERT_EQ(::stat((folder / "f").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600U);
#endif
}

TEST(CacheFiles, LimitsAndWhatIsNoFile) {
  const ScratchFolder folder;
  ASSERT_TRUE(write(folder / "f", "12345"));
  EXPECT_EQ(read_cache_file(folder / "f", ByteCount(5)).value(), "12345");
  EXPECT_EQ(read_cache_file(folder / "f", ByteCount(4)).error().kind, ErrorKind::too_large);
  EXPECT_EQ(read_cache_file(folder / "none", k_limit).value(), std::nullopt);
  ASSERT_TRUE(write(folder / "empty", ""));
  EXPECT_EQ(read_cache_file(folder / "empty", k_limit).value(), "");
  std::filesystem::create_directory(folder / "d");
  EXPECT_EQ(read_cache_file(folder / "d", k_limit).error().kind, ErrorKind::io);
  EXPECT_EQ(write(folder / "d", "x").error().kind, ErrorKind::io);
  EXPECT_EQ(write(folder / "none" / "x", "x").error().kind, ErrorKind::io);
  EXPECT_EQ(folder.names(), (std::set<std::string>{"d", "empty", "f"}));
}

TEST(CacheFiles, TimesCanBeSet) {
  const ScratchFolder folder;
  ASSERT_TRUE(write(folder / "f", "x", 1'000'000'000));
  for (const std::int64_t time : {k_time, std::int64_t{1'500'000}, k_time + 100}) {
    EXPECT_EQ(set_file_time(folder / "f", time), true);
    EXPECT_EQ(find_folder_entry(folder / "f").value()->stamp.modified_ns, time);
  }
  EXPECT_EQ(set_file_time(folder / "none", k_time), false);
}

TEST(CacheFiles, NamesOfTemporaries) {
  EXPECT_EQ(find_target_of_temporary("a.kv.12-0.tmp"), "a.kv");
  EXPECT_EQ(find_target_of_temporary("a.12-3.tmp.4-5.tmp"), "a.12-3.tmp");
  for (const char* name : {"", ".tmp", "a.tmp", "a.12.tmp", "a.-1.tmp", "a.1-.tmp", ".1-2.tmp", "a.1-2.tmp2",
                           "a.x-2.tmp", "a.1-2-3.tmp", "1-2.tmp", "a.1-2"})
    EXPECT_EQ(find_target_of_temporary(name), std::nullopt) << name;
}

TEST(CacheFiles, AbandonedTemporariesGo) {
  const ScratchFolder folder;
  std::ofstream(folder / "f.1-2.tmp") << "half";
  EXPECT_EQ(remove_abandoned_temporary(folder / "f.1-2.tmp"), true);
  EXPECT_EQ(remove_abandoned_temporary(folder / "f.1-2.tmp"), true);
  EXPECT_TRUE(folder.names().empty());
}

TEST(CacheFiles, WritersAreNotDisturbed) {
  const ScratchFolder folder;
  const std::string bytes(200'000, 'x');
  std::atomic<bool> is_done = false;
  std::thread other([&] {
    while (!is_done) {
      const auto entries = list_folder_entries(folder.path());
      for (const FolderEntry& entry : entries.value())
        if (find_target_of_temporary(entry.name)) (void)remove_abandoned_temporary(folder / entry.name);
    }
  });
  int failures = 0;
  for (int i = 0; i < 30; ++i) failures += write(folder / "f", bytes) ? 0 : 1;
  is_done = true;
  other.join();
  // Between making the file and locking it, and on Windows between closing and renaming it, is a moment without a
  // guard.
  EXPECT_LT(failures, 30);
  EXPECT_EQ(read_cache_file(folder / "f", k_limit).value(), bytes);
}

#ifndef _WIN32
TEST(CacheFiles, LinksAreNeverFollowed) {
  const ScratchFolder folder;
  ASSERT_TRUE(write(folder / "target", "precious", 1'000'000'000));
  std::filesystem::create_symlink("target", folder / "link");
  EXPECT_EQ(read_cache_file(folder / "link", k_limit).error().kind, ErrorKind::io);
  EXPECT_EQ(set_file_time(folder / "link", k_time), true);
  EXPECT_EQ(find_folder_entry(folder / "target").value()->stamp.modified_ns, 1'000'000'000);
  ASSERT_TRUE(write(folder / "link", "new"));
  EXPECT_EQ(read_cache_file(folder / "target", k_limit).value(), "precious");
  EXPECT_EQ(read_cache_file(folder / "link", k_limit).value(), "new");
}

TEST(CacheFiles, WhatOthersMayWriteIsNotRead) {
  const ScratchFolder folder;
  ASSERT_TRUE(write(folder / "f", "x"));
  ASSERT_EQ(::chmod((folder / "f").c_str(), 0620), 0);
  EXPECT_EQ(read_cache_file(folder / "f", k_limit).error().kind, ErrorKind::denied);
  ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(read_cache_file(folder / "fifo", k_limit).error().kind, ErrorKind::io);
}

TEST(CacheFiles, ALockedTemporaryStays) {
  const ScratchFolder folder;
  const int fd = ::open((folder / "f.1-2.tmp").c_str(), O_WRONLY | O_CREAT, 0600);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  EXPECT_EQ(remove_abandoned_temporary(folder / "f.1-2.tmp"), false);
  ::close(fd);
  EXPECT_EQ(remove_abandoned_temporary(folder / "f.1-2.tmp"), true);
}
#endif

}  // namespace
}  // namespace oc::base
