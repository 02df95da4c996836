// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "unit/base/scratch_folder.hpp"

#ifndef _WIN32
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#endif

namespace oc::base {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScratchFolder;

constexpr ByteCount k_plenty{1 << 20};

std::string content_of(const Path& path) {
  const auto text = read_file(path, k_plenty);
  return text ? *text : "error: " + text.error().message;
}

TEST(ReplaceFile, CreatesAndReplacesWithoutLeavingAnythingElse) {
  const ScratchFolder folder;
  const Path file = folder / "a.txt";
  ASSERT_TRUE(replace_file(file, "one\n"));
  EXPECT_EQ(content_of(file), "one\n");
  ASSERT_TRUE(replace_file(file, std::string("two\0\r\n", 6)));
  EXPECT_EQ(content_of(file), std::string("two\0\r\n", 6));
  ASSERT_TRUE(replace_file(file, ""));
  EXPECT_EQ(content_of(file), "");
  EXPECT_THAT(folder.names(), ElementsAre("a.txt"));
}

TEST(ReplaceFile, WorksOnARelativeName) {
  const ScratchFolder folder;
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const auto replaced = replace_file("plain.txt", "x");
  const auto created = create_file("new.txt", "y");
  std::filesystem::current_path(before);
  EXPECT_TRUE(replaced) << replaced.error().message;
  EXPECT_TRUE(created) << created.error().message;
  EXPECT_THAT(folder.names(), ElementsAre("new.txt", "plain.txt"));
}

TEST(ReplaceFile, TheLongestNameIsNoTrouble) {
  const ScratchFolder folder;
  const Path file = folder / std::string(250, 'n');
  ASSERT_TRUE(create_file(file, "one"));
  ASSERT_TRUE(replace_file(file, "two"));
  EXPECT_EQ(content_of(file), "two");
}

TEST(ReplaceFile, RefusesWhatIsNoFile) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "sub");
  const auto on_folder = replace_file(folder / "sub", "x");
  ASSERT_FALSE(on_folder);
  EXPECT_EQ(on_folder.error().kind, ErrorKind::io);
  const auto below_nothing = replace_file(folder / "missing/a.txt", "x");
  ASSERT_FALSE(below_nothing);
  EXPECT_EQ(below_nothing.error().kind, ErrorKind::io);
  EXPECT_THAT(below_nothing.error().message, HasSubstr("a.txt'"));
  EXPECT_THAT(folder.names(), ElementsAre("sub"));
}

// A reader sees the old bytes or the new ones, never a part and never no file.
TEST(ReplaceFile, IsNeverSeenHalfDone) {
  const ScratchFolder folder;
  const Path file = folder / "busy";
  const std::string a(50'000, 'a'), b(70'000, 'b');
  ASSERT_TRUE(replace_file(file, a));
  std::atomic<bool> stop = false;
  std::atomic<int> wrong = 0, reads = 0;
  std::thread reader([&] {
    while (!stop) {
      const auto seen = read_file(file, k_plenty);
      ++reads;
      if (!seen || (*seen != a && *seen != b)) ++wrong;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  for (int i = 0; i < 12; ++i) EXPECT_TRUE(replace_file(file, i % 2 == 0 ? b : a));
  stop = true;
  reader.join();
  EXPECT_GT(reads, 0);
#ifdef _WIN32
  // The rename shows for a moment as "access denied" there; what is read is still whole.
  EXPECT_TRUE(content_of(file) == a || content_of(file) == b);
#else
  EXPECT_EQ(wrong, 0);
#endif
}

TEST(CreateFile, FailsWithAConflictWhenTheNameExists) {
  const ScratchFolder folder;
  const Path file = folder / "a.txt";
  ASSERT_TRUE(create_file(file, "first"));
  const auto again = create_file(file, "second");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ErrorKind::conflict);
  EXPECT_EQ(content_of(file), "first");
  EXPECT_THAT(folder.names(), ElementsAre("a.txt"));
}

TEST(CreateFile, LetsExactlyOneOfManyWin) {
  const ScratchFolder folder;
  const Path file = folder / "one";
  std::atomic<int> winners = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([&, i] {
      if (create_file(file, std::string(1000, static_cast<char>('0' + i)))) ++winners;
    });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(winners, 1);
  EXPECT_EQ(content_of(file).size(), 1000u);
  EXPECT_THAT(folder.names(), ElementsAre("one"));
}

TEST(ReadFile, KeepsToTheLimit) {
  const ScratchFolder folder;
  const Path file = folder / "ten";
  ASSERT_TRUE(replace_file(file, "0123456789"));
  EXPECT_EQ(read_file(file, ByteCount(10)).value_or("?"), "0123456789");
  const auto longer = read_file(file, ByteCount(9));
  ASSERT_FALSE(longer);
  EXPECT_EQ(longer.error().kind, ErrorKind::too_large);
  EXPECT_THAT(longer.error().message, HasSubstr("10 B"));
}

TEST(ReadFile, SaysWhyNot) {
  const ScratchFolder folder;
  const auto missing = read_file(folder / "none", k_plenty);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::io);
  EXPECT_THAT(missing.error().message, HasSubstr("none'"));
  const auto on_folder = read_file(folder.path(), k_plenty);
  ASSERT_FALSE(on_folder);
  EXPECT_THAT(on_folder.error().message, HasSubstr("it is a folder"));
}

TEST(FileFacts, TellAFileFromAFolderFromNothing) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "f", "12345"));
  EXPECT_EQ(find_file_facts(folder / "none").value(), std::nullopt);
  EXPECT_EQ(find_file_facts(folder / "f/below").value(), std::nullopt);
  const auto file = find_file_facts(folder / "f").value();
  ASSERT_TRUE(file.has_value());
  EXPECT_TRUE(file->is_regular);
  EXPECT_FALSE(file->is_symlink);
  EXPECT_EQ(file->size, ByteCount(5));
  const auto parent = find_file_facts(folder.path()).value();
  ASSERT_TRUE(parent.has_value());
  EXPECT_FALSE(parent->is_regular);
}

TEST(FileFacts, ChangeWhenTheFileDoes) {
  const ScratchFolder folder;
  const Path file = folder / "f";
  ASSERT_TRUE(replace_file(file, "one"));
  const auto before = find_file_facts(file).value();
  EXPECT_EQ(find_file_facts(file).value(), before);
  ASSERT_TRUE(replace_file(file, "four"));
  EXPECT_NE(find_file_facts(file).value(), before);
}

TEST(MakeFolder, MakesParentsAndAgreesWithWhatIsThere) {
  const ScratchFolder folder;
  EXPECT_TRUE(make_folder(folder / "a/b/c"));
  EXPECT_TRUE(make_folder(folder / "a/b/c"));
  EXPECT_TRUE(std::filesystem::is_directory(folder / "a/b/c"));
  ASSERT_TRUE(replace_file(folder / "file", ""));
  for (const FileAccess access : {FileAccess::shared, FileAccess::owner_only}) {
    EXPECT_FALSE(make_folder(folder / "file", access));
    EXPECT_FALSE(make_folder(folder / "file/below", access));
  }
}

TEST(MakeFolder, AnOwnersFolderIsPrivate) {
  const ScratchFolder folder;
  const Path secret = folder / "x/run";
  ASSERT_TRUE(make_folder(secret, FileAccess::owner_only));
  const auto checked = check_private_folder(secret);
  EXPECT_TRUE(checked) << checked.error().message;
  ASSERT_TRUE(replace_file(secret / "f", "x", FileAccess::owner_only));
  EXPECT_EQ(content_of(secret / "f"), "x");
  EXPECT_FALSE(check_private_folder(secret / "f"));
  EXPECT_FALSE(check_private_folder(secret / "none"));
}

TEST(RemoveFile, DoesNotMindAMissingOne) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "f", ""));
  EXPECT_TRUE(remove_file(folder / "f"));
  EXPECT_TRUE(remove_file(folder / "f"));
  EXPECT_TRUE(folder.names().empty());
}

TEST(CopyFile, CopiesAndReportsProgress) {
  const ScratchFolder folder;
  const std::string bytes((1 << 20) * 2 + 7, 'z');
  ASSERT_TRUE(replace_file(folder / "from", bytes));
  std::vector<std::int64_t> steps;
  const auto note = [](ByteCount done, void* user) {
    static_cast<std::vector<std::int64_t>*>(user)->push_back(done.value);
    return true;
  };
  ASSERT_TRUE(copy_file(folder / "from", folder / "to", note, &steps));
  EXPECT_THAT(steps, ElementsAre(1 << 20, 2 << 20, (2 << 20) + 7));
  EXPECT_TRUE(read_file(folder / "to", ByteCount(1 << 22)).value_or("") == bytes);
}

TEST(CopyFile, CancelledOrImpossibleItLeavesNothing) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "from", "abc"));
  const auto stop = [](ByteCount, void*) { return false; };
  const auto stopped = copy_file(folder / "from", folder / "to", stop, nullptr);
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(copy_file(folder / "none", folder / "to", stop, nullptr));
  EXPECT_FALSE(copy_file(folder.path(), folder / "to", stop, nullptr));
  EXPECT_THAT(folder.names(), ElementsAre("from"));
}

TEST(LinkFile, IsAnotherNameForTheSameBytes) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "from", "model"));
  ASSERT_TRUE(link_file(folder / "from", folder / "to"));
  EXPECT_EQ(content_of(folder / "to"), "model");
  EXPECT_FALSE(link_file(folder / "from", folder / "to"));
}

TEST(FileLock, IsHeldByOneAtATime) {
  const ScratchFolder folder;
  const Path file = folder / "lock";
  {
    ASSERT_TRUE(replace_file(file, "note"));
    auto first = FileLock::try_acquire(file);
    ASSERT_TRUE(first && *first);
    EXPECT_EQ(content_of(file), "note");
    const auto second = FileLock::try_acquire(file);
    ASSERT_TRUE(second) << second.error().message;
    EXPECT_FALSE(second->has_value());
    const FileLock moved = std::move(**first);
    EXPECT_FALSE(FileLock::try_acquire(file).value().has_value());
  }
  EXPECT_TRUE(FileLock::try_acquire(file).value().has_value());
  EXPECT_TRUE(std::filesystem::exists(file));
  EXPECT_FALSE(FileLock::try_acquire(folder / "none/lock"));
}

TEST(LongPath, BeyondTheOldWindowsLimitWorks) {
  const ScratchFolder folder;
  Path deep = folder.path();
  for (int i = 0; i < 6; ++i) deep /= std::string(60, static_cast<char>('a' + i));
  const auto made = make_folder(deep);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_TRUE(replace_file(deep / "file.txt", "deep"));
  ASSERT_TRUE(replace_file(deep / "file.txt", "deeper"));
  EXPECT_EQ(content_of(deep / "file.txt"), "deeper");
  EXPECT_TRUE(find_file_facts(deep / "file.txt").value().has_value());
}

#ifndef _WIN32

mode_t mode_of(const Path& path) {
  struct stat facts{};
  return ::lstat(path.c_str(), &facts) == 0 ? facts.st_mode & 07777 : 0;
}

TEST(PosixFiles, ModesAreKeptAndOwnersFilesClosed) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "script", "#!/bin/sh\n"));
  ::chmod((folder / "script").c_str(), 0751);
  ASSERT_TRUE(replace_file(folder / "script", "#!/bin/sh\nexit\n"));
  EXPECT_EQ(mode_of(folder / "script"), 0751u);
  ASSERT_TRUE(create_file(folder / "secret", "x", FileAccess::owner_only));
  EXPECT_EQ(mode_of(folder / "secret"), 0600u);
}

TEST(PosixFiles, ASymlinksTargetIsReplacedNotTheLink) {
  const ScratchFolder folder;
  std::filesystem::create_directory(folder / "there");
  ASSERT_TRUE(replace_file(folder / "there/target", "old"));
  std::filesystem::create_symlink("there/target", folder / "link");
  ASSERT_TRUE(replace_file(folder / "link", "new"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
  EXPECT_EQ(content_of(folder / "there/target"), "new");
  const auto facts = find_file_facts(folder / "link").value();
  ASSERT_TRUE(facts.has_value());
  EXPECT_TRUE(facts->is_symlink && facts->is_regular);
}

TEST(PosixFiles, ALinkThatLeadsNowhereHasFactsButNoBytes) {
  const ScratchFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "link");
  const auto facts = find_file_facts(folder / "link").value();
  ASSERT_TRUE(facts.has_value());
  EXPECT_TRUE(facts->is_symlink);
  EXPECT_FALSE(facts->is_regular);
  EXPECT_FALSE(read_file(folder / "link", k_plenty));
  const auto created = create_file(folder / "link", "x");
  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().kind, ErrorKind::conflict);
  EXPECT_FALSE(replace_file(folder / "link", "x"));
  EXPECT_THAT(folder.names(), ElementsAre("link"));
}

TEST(PosixFiles, ALeftTemporaryNameIsSteppedOver) {
  const ScratchFolder folder;
  for (int i = 0; i < 60; ++i)
    std::ofstream(folder / fmt::format(".offline-coder-{}-{}.tmp", current_process_id(), i)) << "left";
  EXPECT_TRUE(replace_file(folder / "f", "x"));
}

// None of these may wait for somebody to open the other end.
TEST(PosixFiles, AFifoIsRefusedAtOnce) {
  const ScratchFolder folder;
  const Path fifo = folder / "fifo";
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const auto read = read_file(fifo, k_plenty);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().message, HasSubstr("not a regular file"));
  EXPECT_FALSE(replace_file(fifo, "x"));
  EXPECT_FALSE(read_file("/dev/zero", k_plenty));
  const auto facts = find_file_facts(fifo).value();
  ASSERT_TRUE(facts.has_value());
  EXPECT_FALSE(facts->is_regular);
  EXPECT_FALSE(copy_file(fifo, folder / "to", [](ByteCount, void*) { return true; }, nullptr));
  EXPECT_THAT(folder.names(), ElementsAre("fifo"));
}

TEST(PosixFiles, AFolderThatOthersMayEnterIsNotPrivate) {
  const ScratchFolder folder;
  const Path open = folder / "open";
  ASSERT_TRUE(make_folder(open, FileAccess::owner_only));
  ::chmod(open.c_str(), 0710);
  const auto checked = check_private_folder(open);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().kind, ErrorKind::denied);
  ::chmod(open.c_str(), 0700);
  std::filesystem::create_directory_symlink(open, folder / "link");
  EXPECT_TRUE(check_private_folder(open));
  EXPECT_FALSE(check_private_folder(folder / "link"));
}

// A file-size limit stands in for a full disk: the write fails in the middle.
TEST(PosixFiles, AFailedWriteChangesNothingAndLeavesNothing) {
  const ScratchFolder folder;
  ASSERT_TRUE(replace_file(folder / "f", "old"));
  const auto ignored = std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 4096;
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string big(10'000, 'x');
  const auto replaced = replace_file(folder / "f", big);
  const auto created = create_file(folder / "new", big);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, ignored);
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().kind, ErrorKind::io);
  EXPECT_FALSE(created);
  EXPECT_EQ(content_of(folder / "f"), "old");
  EXPECT_THAT(folder.names(), ElementsAre("f"));
}

#endif

}  // namespace
}  // namespace oc::base
