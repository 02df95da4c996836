// SPDX-License-Identifier: Apache-2.0
#include "context/git_config.hpp"

#include <gtest/gtest.h>

#include <string>

#include "unit/context/git_workplace.hpp"

namespace oc::context {
namespace {

std::string settings_in(std::string_view text) {
  std::string all;
  parse_git_config(text, [&](const std::string& key, const std::string& value) { all += key + "=" + value + "|"; });
  return all;
}

TEST(ParseGitConfig, SectionsNamesAndValues) {
  EXPECT_EQ(settings_in("[Core]\n\tIgnoreCase = true\n"), "core.ignorecase=true|");
  EXPECT_EQ(settings_in("[core]bare\n"), "core.bare=true|");
  EXPECT_EQ(settings_in("[a \"Sub \\\"x\\\"\"] k=v"), "a.Sub \"x\".k=v|");
  EXPECT_EQ(settings_in("[a.B] k=v"), "a.b.k=v|");
  EXPECT_EQ(settings_in("[a]\r\nk = v\r\nl=w\r\n"), "a.k=v|a.l=w|");
  EXPECT_EQ(settings_in("# c\n; d\n[a]\nk=1 # e\nl=\"2 ; \" ; f\n"), "a.k=1|a.l=2 ; |");
  EXPECT_EQ(settings_in("[a]\nk=one \\\n  two  \n"), "a.k=one   two|");
  EXPECT_EQ(settings_in("[a]\nk=\\t\\\\\\\"\n"), "a.k=\t\\\"|");
  EXPECT_EQ(settings_in("\xEF\xBB\xBF[a]\nk=\n"), "a.k=|");
  EXPECT_EQ(settings_in("[a]\nk ; nothing\nl = x"), "a.k=true|a.l=x|");
}

TEST(ParseGitConfig, StopsWhereItMakesNoSense) {
  EXPECT_EQ(settings_in("[a]\nk=1\n]\nl=2\n"), "a.k=1|");
  EXPECT_EQ(settings_in("k=1\n"), "");
  EXPECT_EQ(settings_in("[a"), "");
  EXPECT_EQ(settings_in("[a \"b"), "");
  EXPECT_EQ(settings_in("[a \"b\\"), "");
  EXPECT_EQ(settings_in("[a]\nk=\"open\n"), "");
  EXPECT_EQ(settings_in("[a]\nk=\\x\n"), "");
  EXPECT_EQ(settings_in("[a]\nk=\\"), "a.k=|");
}

TEST(LoadGitSettings, LaterFilesWinAndOthersAreIncluded) {
  CleanSurroundings surroundings;
  const TemporaryFolder folder;
  const TemporaryFolder& home = surroundings.home();
  make_repository(folder.path());
  const GitFolders repository = find_repository_at(folder.path()).value();
  EXPECT_EQ(load_git_settings(nullptr).excludes_file, home.path() / "xdg" / "git" / "ignore");
  home.write(".gitconfig", "[core]\nexcludesFile = ~/mine\nignoreCase = yes\n");
  EXPECT_EQ(load_git_settings(nullptr).excludes_file, home.path() / "mine");
  EXPECT_EQ(load_git_settings(&repository).case_rule, CaseRule::folded);
  home.write("extra", "[core]\nexcludesFile = relative\n[include]\npath = extra\n");  // includes itself
  make_repository(folder.path(), "ignoreCase = false\n[include]\npath = " + (home.path() / "extra").string() +
                                     "\n[extensions]\nobjectFormat = sha256\n");
  const GitSettings settings = load_git_settings(&repository);
  EXPECT_EQ(settings.case_rule, CaseRule::exact);
  EXPECT_EQ(settings.excludes_file, folder.path() / "relative");
  EXPECT_EQ(settings.hash_size, 32U);
}

TEST(LoadGitSettings, SomeAreIncludedForSomeRepositoriesOnly) {
  CleanSurroundings surroundings;
  const TemporaryFolder folder;
  make_repository(folder.path());
  const GitFolders repository = find_repository_at(folder.path()).value();
  surroundings.home().write("one", "[core]\nexcludesFile = /one\n");
  surroundings.home().write("two", "[core]\nexcludesFile = /two\n");
  const auto write_conditions = [&](const std::string& first, const std::string& second) {
    surroundings.home().write(
        ".gitconfig", "[includeIf \"" + first + "\"]\npath = one\n[includeIf \"" + second + "\"]\npath = ~/two\n");
    return load_git_settings(&repository).excludes_file.value();
  };
  const std::string here = folder.path().generic_string() + "/";
  EXPECT_EQ(write_conditions("gitdir:" + here, "gitdir:/elsewhere/"), "/one");
  EXPECT_EQ(write_conditions("gitdir:/elsewhere/", "gitdir/i:" + here), "/two");
  EXPECT_EQ(write_conditions("gitdir:" + here, "onbranch:main"), "/one");
  EXPECT_EQ(write_conditions("gitdir:" + here, "gitdir:" + folder.path().filename().string() + "/"), "/two");
}

TEST(FindRepositoryAt, FoldersPointersAndWorktrees) {
  const TemporaryFolder folder;
  EXPECT_FALSE(find_repository_at(folder.path()));
  std::filesystem::create_directory(folder.path() / ".git");
  EXPECT_FALSE(find_repository_at(folder.path())) << "an empty folder";
  make_repository(folder.path());
  EXPECT_EQ(find_repository_at(folder.path())->common, folder.path() / ".git");

  folder.write(".git/worktrees/w/HEAD", "0123456789012345678901234567890123456789\n");
  folder.write(".git/worktrees/w/commondir", "../..\n");
  folder.write("w/.git", "gitdir: ../.git/worktrees/w\n");
  const auto worktree = find_repository_at(folder.path() / "w");
  ASSERT_TRUE(worktree);
  EXPECT_EQ(worktree->own, folder.path() / ".git/worktrees/w");
  EXPECT_EQ(worktree->common.lexically_normal() / "", folder.path() / ".git" / "");

  folder.write("dangling/.git", "gitdir: ../nowhere\n");
  EXPECT_FALSE(find_repository_at(folder.path() / "dangling"));
  folder.write("strange/.git", "something else\n");
  EXPECT_FALSE(find_repository_at(folder.path() / "strange"));
  folder.write(".git/HEAD", "no reference\n");
  EXPECT_FALSE(find_repository_at(folder.path()));
}

}  // namespace
}  // namespace oc::context
