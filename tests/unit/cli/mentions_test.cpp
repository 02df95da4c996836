// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/mentions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/chat/chat_commands.hpp"

namespace oc::cli {
namespace {

using testing::ElementsAre;

TEST(Mentions, AreWordsThatBeginWithAnAt) {
  EXPECT_THAT(find_mentions("What does @src/app.py do? (@total) and `@Box::grow`."),
              ElementsAre("src/app.py", "total", "Box::grow"));
  EXPECT_THAT(find_mentions("@a.py,@b @a.py"), ElementsAre("a.py,@b", "a.py"));
  EXPECT_THAT(find_mentions("me@example.org @ @@ -1,3 +1,4 @@"), ElementsAre("@"));
}

TEST(Mentions, AreNotLookedForInPastes) { EXPECT_TRUE(find_mentions("@a " + std::string(5000, 'x')).empty()); }

TEST(Mentions, SymbolsAreNames) {
  for (const char* name : {"total", "Box::grow", "Job.run", "größe"}) EXPECT_TRUE(looks_like_symbol(name)) << name;
  for (const char* name : {"", "a-b", "a/b", ".x", "x.", "@"}) EXPECT_FALSE(looks_like_symbol(name)) << name;
}

TEST(ChatCommands, AreWordsBehindASlash) {
  for (const char* text : {"/help", " /run ls -l ", "/unknown"}) EXPECT_TRUE(is_chat_command(text)) << text;
  for (const char* text : {"/usr/bin/ls", "/", "a /help", "/help\nme", "//", "/Run"})
    EXPECT_FALSE(is_chat_command(text)) << text;
}

}  // namespace
}  // namespace oc::cli
