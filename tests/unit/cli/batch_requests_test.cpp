// SPDX-License-Identifier: Apache-2.0
#include "cli/batch_requests.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oc::cli {
namespace {

using testing::ElementsAre;

bool changes(std::vector<std::string> words) { return changes_files({"id", std::move(words)}); }

TEST(BatchRequests, KnowsWhatChangesFiles) {
  for (const char* command : {"doc", "refactor", "fix", "test"}) EXPECT_TRUE(changes({command, "a.py"})) << command;
  for (const char* command : {"gen", "explain", "debug", "complete", "context", "ask", "review", "commit-message"})
    EXPECT_FALSE(changes({command, "a.py"})) << command;
  EXPECT_TRUE(changes({"gen", "--file", "a.py", "--write", "a function"}));
  EXPECT_TRUE(changes({"gen", "--write=true", "a function"}));
  EXPECT_TRUE(changes({"debug", "--fix", "why"}));
  EXPECT_TRUE(changes({"review", "--fix", "3"}));
  EXPECT_FALSE(changes({"ask", "what does --write do?"}));
  EXPECT_FALSE(changes({"explain", "--", "--fix"})) << "no option";
}

TEST(BatchRequests, OptionsStandBeforeTheWordsOfAnotherCommand) {
  EXPECT_THAT(with_options({"explain", "a"}, {"--format", "json"}), ElementsAre("explain", "a", "--format", "json"));
  EXPECT_THAT(with_options({"fix", "--", "make", "--", "x"}, {"--yes"}),
              ElementsAre("fix", "--yes", "--", "make", "--", "x"));
}

TEST(BatchRequests, CommandsThatAskNoModelAreRefused) {
  for (const char* line : {R"({"args": ["undo"]})", R"({"args": ["apply"]})", R"({"args": ["chat"]})",
                           R"({"args": ["batch", "x"]})", R"({"args": []})"}) {
    const auto requests = parse_batch(line);
    ASSERT_FALSE(requests) << line;
    EXPECT_EQ(requests.error().kind, base::ErrorKind::usage);
  }
  EXPECT_TRUE(parse_batch(R"({"args": ["fix", "--", "make"]})"));
}

TEST(BatchRequests, ARequestGivesItselfNoRights) {
  for (const char* word :
       {"--config", "--config=other.yaml", "--trust-linters", "--allow", "--format=text", "--write-baseline"}) {
    const auto requests = parse_batch(fmt::format(R"({{"args": ["review", "{}", "x"]}})", word));
    ASSERT_FALSE(requests) << word;
    EXPECT_THAT(requests.error().message, testing::HasSubstr("no place in a request"));
  }
  EXPECT_TRUE(parse_batch(R"({"args": ["explain", "--", "--config"]})"));
}

}  // namespace
}  // namespace oc::cli
