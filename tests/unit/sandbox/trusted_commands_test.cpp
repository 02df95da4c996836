// SPDX-License-Identifier: Apache-2.0
#include "sandbox/trusted_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::sandbox {
namespace {

using base::ShellLine;
using base::WordList;

class Trusted : public ::testing::Test {
 protected:
  TrustedCommands load() const {
    auto commands = TrustedCommands::load(file_);
    EXPECT_TRUE(commands) << (commands ? "" : commands.error().message);
    return commands.value_or(TrustedCommands());
  }
  ProjectCommand command(const base::CommandWords& words) const { return {scratch_.path(), words, scratch_.path()}; }

  base::testing::ScratchFolder scratch_;
  base::Path file_ = trusted_commands_file(scratch_ / "state");
};

TEST_F(Trusted, AUsersOwnCommandNeedsNoConfirmation) {
  EXPECT_TRUE(load().is_trusted(command(WordList{{"make"}}), CommandOrigin::user));
  EXPECT_FALSE(load().is_trusted(command(WordList{{"make"}}), CommandOrigin::project));
}

TEST_F(Trusted, IsRememberedForThatVeryCommand) {
  const std::vector<ProjectCommand> confirmed{command(WordList{{"make", "test"}}), command(ShellLine{"make test"})};
  ASSERT_TRUE(load().remember(confirmed));
  for (const ProjectCommand& each : confirmed) EXPECT_TRUE(load().is_trusted(each, CommandOrigin::project));
  std::vector<ProjectCommand> others{
      command(WordList{{"make"}}),         command(WordList{{"make", "test "}}),    command(WordList{{"make test"}}),
      command(WordList{{"maket", "est"}}), command(WordList{{"make", "test", ""}}), command(ShellLine{"make test;"}),
      command(ShellLine{"make\ntest"}),    command(WordList{{"Make", "test"}}),
  };
  others.push_back(confirmed.front());
  others.back().folder = scratch_ / "sub";
  others.push_back(confirmed.front());
  others.back().workspace = scratch_ / "elsewhere";
  for (const ProjectCommand& each : others) EXPECT_FALSE(load().is_trusted(each, CommandOrigin::project));
  std::set<std::string> hashes;
  for (const ProjectCommand& each : others) EXPECT_TRUE(hashes.insert(each.hash()).second);
}

TEST_F(Trusted, IsTheSameThroughALink) {
  ASSERT_TRUE(base::make_folder(scratch_ / "real"));
  std::error_code code;
  std::filesystem::create_directory_symlink(scratch_ / "real", scratch_ / "link", code);
  if (code) GTEST_SKIP() << "no links here";
  const ProjectCommand one{scratch_ / "real", WordList{{"make"}}, scratch_ / "real"};
  const ProjectCommand other{scratch_ / "link", WordList{{"make"}}, scratch_ / "link"};
  EXPECT_EQ(one.hash(), other.hash());
}

TEST_F(Trusted, TwoThatWereLoadedAtOnceBothCount) {
  TrustedCommands first = load(), second = load();
  ASSERT_TRUE(first.remember(std::vector{command(WordList{{"a"}})}));
  ASSERT_TRUE(second.remember(std::vector{command(WordList{{"b"}})}));
  EXPECT_TRUE(load().is_trusted(command(WordList{{"a"}}), CommandOrigin::project));
  EXPECT_TRUE(load().is_trusted(command(WordList{{"b"}}), CommandOrigin::project));
}

TEST_F(Trusted, ADamagedFileTrustsNothingMore) {
  ASSERT_TRUE(load().remember(std::vector{command(WordList{{"a"}})}));
  const std::string hash = command(WordList{{"a"}}).hash();
  ASSERT_TRUE(base::replace_file(file_, "\xff\n" + hash.substr(1) + "\n" + hash + "0\n*\n\n"));
  EXPECT_FALSE(load().is_trusted(command(WordList{{"a"}}), CommandOrigin::project));
  ASSERT_TRUE(load().remember(std::vector{command(WordList{{"b"}})}));
  EXPECT_TRUE(load().is_trusted(command(WordList{{"b"}}), CommandOrigin::project));
}

#ifndef _WIN32
TEST_F(Trusted, IsForThisUserAlone) {
  ASSERT_TRUE(load().remember(std::vector{command(WordList{{"a"}})}));
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(file_).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_EQ(std::filesystem::status(file_.parent_path()).permissions(), perms::owner_all);
}
#endif

}  // namespace
}  // namespace oc::sandbox
