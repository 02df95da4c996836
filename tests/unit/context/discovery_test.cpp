// SPDX-License-Identifier: Apache-2.0
#include "context/discovery.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/context/git_workplace.hpp"

#ifndef _WIN32
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace oc::context {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DiscoverFiles : public ::testing::Test {
 protected:
  std::vector<std::string> skipped(const Discovery& found) {
    std::vector<std::string> all;
    for (const SkippedPath& one : found.skipped) all.push_back(one.path + ": " + std::string(to_string(one.reason)));
    return all;
  }
  std::filesystem::path path(const std::string& name) const { return folder_.path() / name; }

  CleanSurroundings surroundings_;
  TemporaryFolder folder_;
};

TEST_F(DiscoverFiles, SortedByBytesWithStamps) {
  for (const char* name : {"a/x", "a.c", "a-b", "a0", "a/b/c", "Z", "\xC5\xBC"}) folder_.write(name, "12");
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre("Z", "a-b", "a.c", "a/b/c", "a/x", "a0", "\xC5\xBC"));
  EXPECT_EQ(found.files[0].stamp, base::find_folder_entry(path("Z")).value().value().stamp);
  EXPECT_EQ(found.files[0].stamp.size, 2);
  EXPECT_THAT(found.skipped, IsEmpty());
  EXPECT_THAT(found.notes, IsEmpty());
}

TEST_F(DiscoverFiles, NothingIsFoundInNothing) {
  EXPECT_THAT(discover(folder_.path()).files, IsEmpty());
  DiscoveryOptions options;
  options.workspace = path("none");
  EXPECT_EQ(discover_files(options).error().kind, base::ErrorKind::io);
  options.workspace = folder_.write("file", "");
  EXPECT_EQ(discover_files(options).error().kind, base::ErrorKind::io);
}

TEST_F(DiscoverFiles, GitsRulesCountOutsideOfRepositories) {
  folder_.write(".gitignore", "*.o\n/build/\n!keep.o\n");
  folder_.write("sub/.gitignore", "!special.o\n");
  for (const char* name : {"a.o", "keep.o", "build/x", "sub/build/y", "sub/special.o", "sub/b.o"})
    folder_.write(name, "");
  EXPECT_THAT(paths_of(discover(folder_.path())),
              ElementsAre(".gitignore", "keep.o", "sub/.gitignore", "sub/build/y", "sub/special.o"));
}

TEST_F(DiscoverFiles, OwnRulesAreStronger) {
  make_repository(folder_.path());
  folder_.write(".gitignore", "*.gen\n/out/\n");
  folder_.write(".offlinecoderignore", "/vendor/\n!wanted.gen\n!/out/\n!.env\n");
  for (const char* name : {"vendor/a.c", "wanted.gen", "other.gen", "out/a.c", "src/vendor/b.c", ".env"})
    folder_.write(name, "");
  folder_.write("src/.offlinecoderignore", "/vendor/b.*\n");
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found),
              ElementsAre(".gitignore", ".offlinecoderignore", "out/a.c", "src/.offlinecoderignore", "wanted.gen"));
  EXPECT_THAT(skipped(found), ElementsAre(".env: secret"));
}

TEST_F(DiscoverFiles, OwnRulesHideWhatIsTracked) {
  if (!has_git()) GTEST_SKIP() << "git is not installed";
  make_repository(folder_.path());
  folder_.write(".gitignore", "*.gen\n");
  folder_.write("tracked.gen", "");
  folder_.write("vendor/tracked.c", "");
  ASSERT_EQ(run_git(folder_.path(), {"update-index", "--add", "tracked.gen", "vendor/tracked.c"}).code, 0);
  EXPECT_THAT(paths_of(discover(folder_.path())), ElementsAre(".gitignore", "tracked.gen", "vendor/tracked.c"));
  folder_.write(".offlinecoderignore", "vendor\n*.gen\n");
  EXPECT_THAT(paths_of(discover(folder_.path())), ElementsAre(".gitignore", ".offlinecoderignore"));
}

TEST_F(DiscoverFiles, OwnFoldersAndGitsAreNeverEntered) {
  for (const char* name : {".git/x", ".offline-coder/y", "a/.git/x", "a/.offline-coder/y", "a/z"})
    folder_.write(name, "");
  EXPECT_THAT(paths_of(discover(folder_.path())), ElementsAre("a/z"));
}

TEST_F(DiscoverFiles, SecretsAndLargeFilesAreNamed) {
  for (const char* name : {".env", "a/ID_RSA", "a/Server.PEM", "a/.env.example"}) folder_.write(name, "");
  folder_.write("large.c", std::string(11, 'x'));
  folder_.write("fits.c", std::string(10, 'x'));
  DiscoveryOptions options;
  options.workspace = folder_.path();
  options.file_limit = base::ByteCount(10);
  const Discovery found = discover_files(options).value();
  EXPECT_THAT(skipped(found),
              ElementsAre(".env: secret", "a/ID_RSA: secret", "a/Server.PEM: secret", "large.c: too large"));
  EXPECT_THAT(paths_of(found), ElementsAre("a/.env.example", "fits.c"));
}

TEST_F(DiscoverFiles, RepositoriesInsideOne) {
  make_repository(folder_.path());
  make_repository(path("inner"));
  folder_.write("inner/a.c", "");
  folder_.write("b.c", "");
  folder_.write("no_repository/.git/config", "");
  folder_.write("no_repository/c.c", "");
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre("b.c", "no_repository/c.c"));
  EXPECT_THAT(skipped(found), ElementsAre("inner/: nested repository"));
  EXPECT_THAT(paths_of(discover(path("inner"))), ElementsAre("a.c"));
}

TEST_F(DiscoverFiles, RepositoriesInNoneGoByTheirOwnRules) {
  folder_.write(".gitignore", "*.o\n");
  make_repository(path("one"));
  make_repository(path("one/inner"));
  folder_.write("one/.git/info/exclude", "/hidden\n");
  folder_.write("two/a.o", "");
  for (const char* name : {"one/a.o", "one/hidden", "one/sub/hidden", "one/inner/b.c"}) folder_.write(name, "");
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre(".gitignore", "one/a.o", "one/sub/hidden"));
  EXPECT_THAT(skipped(found), ElementsAre("one/inner/: nested repository"));
}

TEST_F(DiscoverFiles, RulesAboveTheWorkspaceCount) {
  make_repository(folder_.path());
  folder_.write(".gitignore", "/a/b/*.o\n/ignored/\n");
  folder_.write("a/.offlinecoderignore", "*.own\n");
  for (const char* name : {"a/b/x.o", "a/b/x.own", "a/b/x.c", "ignored/y.c"}) folder_.write(name, "");
  EXPECT_THAT(paths_of(discover(path("a/b"))), ElementsAre("x.c"));
  const Discovery ignored = discover(path("ignored"));
  EXPECT_THAT(ignored.files, IsEmpty());
  EXPECT_THAT(ignored.notes, ElementsAre(HasSubstr("git's rules ignore")));
  folder_.write(".offlinecoderignore", "/a/\n");
  const Discovery dropped = discover(path("a/b"));
  EXPECT_THAT(dropped.files, IsEmpty());
  EXPECT_THAT(dropped.notes, ElementsAre(HasSubstr(".offlinecoderignore")));
}

TEST_F(DiscoverFiles, TheUsersOwnRulesCount) {
  surroundings_.home().write("xdg/git/ignore", "*.swp\n");
  for (const char* name : {"a.swp", "b.c"}) folder_.write(name, "");
  EXPECT_THAT(paths_of(discover(folder_.path())), ElementsAre("b.c"));
  make_repository(folder_.path(), "\tignoreCase = true\n");
  folder_.write("C.SWP", "");
  folder_.write(".git/info/exclude", "!a.swp\n");
  EXPECT_THAT(paths_of(discover(folder_.path())), ElementsAre("a.swp", "b.c"));
}

TEST_F(DiscoverFiles, ADamagedIndexIsToldAndGoneWithout) {
  make_repository(folder_.path());
  folder_.write(".git/index", "no index");
  folder_.write("a.c", "");
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre("a.c"));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("git's index is damaged")));
}

TEST_F(DiscoverFiles, CanBeStopped) {
  folder_.write("a.c", "");
  DiscoveryOptions options;
  options.workspace = folder_.path();
  options.cancel.request();
  EXPECT_EQ(discover_files(options).error().kind, base::ErrorKind::cancelled);
}

TEST_F(DiscoverFiles, AnyNumberOfThreadsFindsTheSame) {
  for (int i = 0; i < 300; ++i) {
    const std::string number = std::to_string(i);
    folder_.write("d" + number.substr(0, 1) + "/e" + number + "/f" + number, number);
    if (i % 7 == 0) folder_.write("d" + number.substr(0, 1) + "/e" + number + "/.gitignore", "f*3\n");
  }
  DiscoveryOptions options;
  options.workspace = folder_.path();
  options.threads = 1;
  const Discovery one = discover_files(options).value();
  EXPECT_GT(one.files.size(), 300U);
  for (int threads : {2, 7}) {
    options.threads = threads;
    const Discovery more = discover_files(options).value();
    EXPECT_EQ(more.files, one.files);
    EXPECT_EQ(more.skipped, one.skipped);
  }
}

#ifndef _WIN32

TEST_F(DiscoverFiles, LinksPipesAndNamesThatAreNotUtf8) {
  folder_.write("caf\xE9/x", "");
  std::filesystem::create_directory_symlink(folder_.path(), path("loop"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo(path("caf\xE9/.gitignore").c_str(), 0600), 0);
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre("caf\xE9/x"));
  EXPECT_THAT(skipped(found), ElementsAre("caf\xE9/.gitignore: special", "loop: symlink", "pipe: special"));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("do not count")));
}

TEST_F(DiscoverFiles, IgnoreFilesThatAreLinksDoNotCount) {
  make_repository(folder_.path());
  folder_.write("rules", "*.c\n");
  folder_.write("a.c", "");
  std::filesystem::create_symlink("rules", path(".gitignore"));
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(paths_of(found), ElementsAre("a.c", "rules"));
  EXPECT_THAT(found.notes, ElementsAre(HasSubstr("is a link")));
}

TEST_F(DiscoverFiles, FoldersThatAreTooDeepToBeNamed) {
  const std::string name(200, 'd');
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder_.path());
  for (int i = 0; i < 30; ++i) {  // names of 6 000 bytes
    std::filesystem::create_directory(name);
    ASSERT_EQ(::chdir(name.c_str()), 0);
  }
  std::filesystem::current_path(here);
  const Discovery found = discover(folder_.path());
  EXPECT_THAT(found.files, IsEmpty());
  ASSERT_EQ(found.skipped.size(), 1U);
  EXPECT_EQ(found.skipped[0].reason, SkipReason::unreadable);
  EXPECT_EQ(found.notes.size(), 1U);
}

TEST_F(DiscoverFiles, FoldersThatMayNotBeReadAreNamed) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  folder_.write("locked/a", "");
  ::chmod(path("locked").c_str(), 0);
  const Discovery found = discover(folder_.path());
  ::chmod(path("locked").c_str(), 0700);
  EXPECT_THAT(skipped(found), Contains("locked/: unreadable"));
}

#endif

}  // namespace
}  // namespace oc::context
