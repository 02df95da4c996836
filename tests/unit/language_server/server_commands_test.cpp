// SPDX-License-Identifier: Apache-2.0
#include "language_server/server_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oc::language_server {
namespace {

using ::testing::HasSubstr;
using Lines = std::vector<std::string>;

TEST(ServerCommands, TheUsersOwnCounts) {
  const Lines own{"go: no-such-program", " python : sh -c 'x y'", "python: other"};
  const auto found = find_server("python", own);
  ASSERT_TRUE(found && *found);
  EXPECT_EQ((*found)->name, "sh");
  EXPECT_EQ(std::get<base::WordList>((*found)->words).words, (Lines{"sh", "-c", "x y"}));
  EXPECT_EQ(*find_server("go", own), std::nullopt);
}

TEST(ServerCommands, NoneIsAChoice) { EXPECT_EQ(*find_server("c", Lines{"c:"}), std::nullopt); }

TEST(ServerCommands, MistakesAreTold) {
  for (const std::string line : {"pylsp", "cobol: x", "c: a | b", ": x", ""}) {
    const auto found = find_server("c", Lines{line});
    EXPECT_FALSE(found) << line;
  }
  EXPECT_THAT(find_server("c", Lines{"c: ./clangd"}).error().message, HasSubstr("begins at the project's folder"));
  EXPECT_THAT(find_server("c", Lines{"c: bin/clangd"}).error().message, HasSubstr("begins at the project's folder"));
}

TEST(ServerCommands, OthersAreUnknown) { EXPECT_EQ(*find_server("cobol", {}), std::nullopt); }

}  // namespace
}  // namespace oc::language_server
