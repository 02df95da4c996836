// SPDX-License-Identifier: Apache-2.0
#include "context/ignore_match.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace oc::context {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  return Wildcard(pattern, CaseRule::exact).matches(text);
}
bool matches_folded(std::string_view pattern, std::string_view text) {
  return Wildcard(pattern, CaseRule::folded).matches(text);
}

TEST(Wildcard, StarsAndQuestionMarks) {
  EXPECT_TRUE(matches("", ""));
  EXPECT_FALSE(matches("", "a"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("*", "abc"));
  EXPECT_FALSE(matches("*", "a/b"));
  EXPECT_TRUE(matches("*.o", "main.o"));
  EXPECT_TRUE(matches("*.o", ".o"));
  EXPECT_FALSE(matches("*.o", "main.o.d"));
  EXPECT_TRUE(matches("a*b*c", "aXbXbXc"));
  EXPECT_FALSE(matches("a*b*c", "aXcXb"));
  EXPECT_TRUE(matches("?", "a"));
  EXPECT_FALSE(matches("?", ""));
  EXPECT_FALSE(matches("?", "/"));
  EXPECT_TRUE(matches("foo/*", "foo/bar"));
  EXPECT_FALSE(matches("foo/*", "foo/bar/baz"));
  EXPECT_TRUE(matches("*/bar", "foo/bar"));
  EXPECT_FALSE(matches("*/bar", "a/foo/bar"));
  EXPECT_TRUE(matches("a*/b*/c", "a1/b2/c"));
}

TEST(Wildcard, TwoStarsAsAWholePart) {
  EXPECT_TRUE(matches("**", "a/b/c"));
  EXPECT_TRUE(matches("**/foo", "foo"));
  EXPECT_TRUE(matches("**/foo", "a/b/foo"));
  EXPECT_FALSE(matches("**/foo", "a/bfoo"));
  EXPECT_TRUE(matches("foo/**", "foo/a/b"));
  EXPECT_FALSE(matches("foo/**", "foo"));
  EXPECT_TRUE(matches("a/**/b", "a/b"));
  EXPECT_TRUE(matches("a/**/b", "a/x/y/b"));
  EXPECT_FALSE(matches("a/**/b", "ab"));
  EXPECT_TRUE(matches("a/**/*.c", "a/b/c/d.c"));
  EXPECT_TRUE(matches("**/a/**/b", "x/a/y/a/z/b"));
  EXPECT_TRUE(matches("**/*a*/b", "x/cad/y/bab/b"));
  EXPECT_TRUE(matches("**/**/a", "a"));
  EXPECT_TRUE(matches("a/***/b", "a/x/y/b"));
}

TEST(Wildcard, TwoStarsElsewhereAreOne) {
  EXPECT_TRUE(matches("x/a**b", "x/aXb"));
  EXPECT_FALSE(matches("x/a**b", "x/aX/b"));
  EXPECT_FALSE(matches("x/a**/b", "x/aX/y/b"));
  EXPECT_FALSE(matches("x/**a", "x/y/a"));
}

TEST(Wildcard, Sets) {
  EXPECT_TRUE(matches("[abc]", "b"));
  EXPECT_FALSE(matches("[abc]", "d"));
  EXPECT_TRUE(matches("[!abc]", "d"));
  EXPECT_TRUE(matches("[^abc]", "d"));
  EXPECT_FALSE(matches("[!abc]", "/"));
  EXPECT_TRUE(matches("[a-c]x", "bx"));
  EXPECT_FALSE(matches("[c-a]", "b"));
  EXPECT_TRUE(matches("[]-]", "]"));
  EXPECT_TRUE(matches("[]-]", "-"));
  EXPECT_TRUE(matches("[!]]", "a"));
  EXPECT_FALSE(matches("[!]]", "]"));
  EXPECT_TRUE(matches("[\\]]", "]"));
  EXPECT_TRUE(matches("[a\\-z]", "-"));
  EXPECT_FALSE(matches("[a\\-z]", "m"));
  EXPECT_TRUE(matches("[--/]", "."));
  EXPECT_TRUE(matches("[\\a-\\c]", "b"));
  EXPECT_TRUE(matches("[[]", "["));
  EXPECT_TRUE(matches("[\xE0-\xEF]", "\xE9"));
  for (const char* broken : {"[", "[]", "[a", "[!", "[a-", "[\\", "[[:alpha:", "[[:nope:]]", "a[", "[[:"})
    for (const char* text : {"[", "[]", "[a", "a", "]", "", "a["})
      EXPECT_FALSE(matches(broken, text)) << broken << " with " << text;
}

TEST(Wildcard, Classes) {
  EXPECT_TRUE(matches("[[:alpha:]]", "q"));
  EXPECT_FALSE(matches("[[:alpha:]]", "1"));
  EXPECT_TRUE(matches("[[:alpha:][:digit:]]", "1"));
  EXPECT_TRUE(matches("[![:space:]]", "x"));
  EXPECT_FALSE(matches("[![:space:]]", " "));
  EXPECT_TRUE(matches("[[:xdigit:]]", "F"));
  EXPECT_FALSE(matches("[[:xdigit:]]", "g"));
  EXPECT_TRUE(matches("[[:punct:]]", "~"));
  EXPECT_FALSE(matches("[[:upper:]]", "a"));
  EXPECT_TRUE(matches("[[:x]", ":")) << "no class, so '[', ':' and 'x'";
  EXPECT_FALSE(matches("[[:alpha:]-z]", "|")) << "a class begins no range";
}

TEST(Wildcard, Escapes) {
  EXPECT_TRUE(matches("\\*", "*"));
  EXPECT_FALSE(matches("\\*", "a"));
  EXPECT_TRUE(matches("a\\b", "ab"));
  EXPECT_TRUE(matches("\\\\", "\\"));
  EXPECT_FALSE(matches("a\\", "a"));
  EXPECT_FALSE(matches("a\\", "a\\"));
}

TEST(Wildcard, WithoutRegardToCase) {
  EXPECT_TRUE(matches_folded("Foo*", "fOObar"));
  EXPECT_TRUE(matches_folded("[A-C]", "b"));
  EXPECT_TRUE(matches_folded("[[:upper:]]", "b"));
  EXPECT_FALSE(matches_folded("[B]", "b")) << "as git has it";
  EXPECT_FALSE(matches("Foo*", "foobar"));
}

TEST(Wildcard, LastCharacter) {
  EXPECT_EQ(Wildcard("*.c", CaseRule::exact).last_character(), 'c');
  EXPECT_EQ(Wildcard("*.C", CaseRule::folded).last_character(), 'c');
  EXPECT_EQ(Wildcard("c*", CaseRule::exact).last_character(), 0);
  EXPECT_EQ(Wildcard("*.[ch]", CaseRule::exact).last_character(), 0);
}

// Each of these takes a matcher that tries everything longer than the universe lasts.
TEST(Wildcard, TakesNoTimeForHostilePatterns) {
  std::string stars, folders, parts;
  for (int i = 0; i < 200; ++i) stars += "a*", folders += "**/", parts += "**/*a*/";
  const std::string text(2000, 'a');
  std::string path;
  for (int i = 0; i < 1000; ++i) path += "a/";
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(matches(stars + "b", text));
  EXPECT_FALSE(matches(folders + "b", path + "c"));
  EXPECT_FALSE(matches(parts + "b", path + "c"));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
}

}  // namespace
}  // namespace oc::context
