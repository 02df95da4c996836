// SPDX-License-Identifier: Apache-2.0
#include "context/ignore_rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace oc::context {
namespace {

using base::EntryKind;

std::optional<Verdict> judge(std::string_view rules, std::string path, CaseRule rule = CaseRule::exact,
                             std::size_t base_size = 0) {
  const bool is_folder = path.ends_with('/');
  if (is_folder) path.pop_back();
  const std::size_t slash = path.rfind('/');
  const IgnoreList list(rules, base_size, rule);
  return list.find_verdict(
      {path, slash == std::string::npos ? 0 : slash + 1, is_folder ? EntryKind::folder : EntryKind::file});
}
bool is_ignored(std::string_view rules, std::string path, CaseRule rule = CaseRule::exact) {
  return judge(rules, std::move(path), rule) == Verdict::ignored;
}

struct Case {
  std::string_view rules;
  std::string_view path;  // a folder's ends with '/'
  bool is_ignored;
};

// What `git check-ignore` says of each.
TEST(IgnoreList, OneRule) {
  const std::vector<Case> cases = {
      {"foo", "foo", true},
      {"foo", "a/foo", true},
      {"foo", "foo/", true},
      {"foo", "food", false},
      {"/foo", "foo", true},
      {"/foo", "a/foo", false},
      {"foo/", "foo", false},
      {"foo/", "a/foo/", true},
      {"a/foo", "a/foo", true},
      {"a/foo", "b/a/foo", false},
      {"a/foo/", "a/foo/", true},
      {"a/foo/", "a/foo", false},
      {"*.o", "a/b/c.o", true},
      {"*.o", "c.op", false},
      {"/*.o", "c.o", true},
      {"/*.o", "a/c.o", false},
      {"*", "anything/at/all", true},
      {"doc/*.txt", "doc/a.txt", true},
      {"doc/*.txt", "doc/b/a.txt", false},
      {"**/foo", "a/b/foo", true},
      {"**/foo", "foo", true},
      {"**/foo/bar", "x/foo/bar", true},
      {"abc/**", "abc/x/y", true},
      {"abc/**", "abc/", false},
      {"a/**/b", "a/b", true},
      {"a/**/b", "a/x/y/b", true},
      {"foo**/bar", "foobar", true},  // the wildcards begin after the literal part
      {"foo**/bar", "foox/y/bar", true},
      {"foo*", "foo/", true},
      {"\\#a", "#a", true},
      {"#a", "#a", false},
      {"\\!a", "!a", true},
      {"a\\ ", "a ", true},
      {"a ", "a", true},
      {"a  ", "a ", false},
      {"a\\  ", "a ", true},
      {"a\t", "a", false},
      {"a\t", "a\t", true},
      {" a", " a", true},
      {"a\r\n", "a", true},
      {"a\r", "a", true},
      {"a\r\r\n", "a\r", true},
      {"\xEF\xBB\xBF"
       "a",
       "a", true},
      {"b\n\xEF\xBB\xBF"
       "a",
       "a", false},
      {"[ab].c", "b.c", true},
      {"a[", "a[", false},
      {"a\\", "a", false},
      {"/", "a/", false},
      {"//", "a/", false},
      {"", "a", false},
      {"!", "a", false},
      {"./a", "a", false},
      {"a//b", "a/b", false},
      {"caf\xE9", "caf\xE9", true},
      {"???", "abc", true},
      {"???", "abcd", false},
  };
  for (const Case& one : cases)
    EXPECT_EQ(is_ignored(one.rules, std::string(one.path)), one.is_ignored)
        << "'" << one.rules << "' on '" << one.path << "'";
}

TEST(IgnoreList, TheLastRuleThatMatchesDecides) {
  EXPECT_EQ(judge("*.o\n!keep.o\n", "keep.o"), Verdict::wanted);
  EXPECT_EQ(judge("*.o\n!keep.o\n", "other.o"), Verdict::ignored);
  EXPECT_EQ(judge("!keep.o\n*.o\n", "keep.o"), Verdict::ignored);
  EXPECT_EQ(judge("*.o\n", "a.c"), std::nullopt);
  EXPECT_EQ(judge("a\n!a/\n", "a"), Verdict::ignored);
  EXPECT_EQ(judge("a\n!a/\n", "a/"), Verdict::wanted);
}

TEST(IgnoreList, CountsFromItsOwnFolder) {
  EXPECT_EQ(judge("/foo", "sub/foo", CaseRule::exact, 4), Verdict::ignored);
  EXPECT_EQ(judge("/foo", "sub/a/foo", CaseRule::exact, 4), std::nullopt);
  EXPECT_EQ(judge("sub/foo", "sub/foo", CaseRule::exact, 4), std::nullopt);
  EXPECT_EQ(judge("*", "sub", CaseRule::exact, 4), std::nullopt);
}

TEST(IgnoreList, WithoutRegardToCase) {
  EXPECT_TRUE(is_ignored("Foo", "fOO", CaseRule::folded));
  EXPECT_TRUE(is_ignored("*.OBJ", "a.obj", CaseRule::folded));
  EXPECT_TRUE(is_ignored("*.obj", "a.OBJ", CaseRule::folded));
  EXPECT_TRUE(is_ignored("/Doc/*.TXT", "dOC/a.txt", CaseRule::folded));
  EXPECT_TRUE(is_ignored("Doc/A", "doc/a", CaseRule::folded));
  EXPECT_FALSE(is_ignored("Foo", "foo"));
}

TEST(IgnoreList, AnyBytesAreRules) {
  using namespace std::string_view_literals;
  EXPECT_TRUE(is_ignored("a\0b\n"sv, "a")) << "git's lines end at a NUL";
  EXPECT_FALSE(is_ignored("\0\n"sv, "a"));
  EXPECT_TRUE(is_ignored("\n\n\r\n \n!\n/\n!/\na", "a"));
  EXPECT_TRUE(IgnoreList("# nothing\n\n   \n", 0, CaseRule::exact).is_empty());
}

TEST(FindVerdict, TheInnermostListThatSaysSomething) {
  const IgnoreScope outer{nullptr, IgnoreList("*.o\n*.log\n", 0, CaseRule::exact)};
  const IgnoreScope inner{&outer, IgnoreList("!*.o\n", 4, CaseRule::exact)};
  EXPECT_EQ(find_verdict(&inner, {"sub/a.o", 4}), Verdict::wanted);
  EXPECT_EQ(find_verdict(&inner, {"sub/a.log", 4}), Verdict::ignored);
  EXPECT_EQ(find_verdict(&inner, {"sub/a.c", 4}), std::nullopt);
  EXPECT_EQ(find_verdict(nullptr, {"sub/a.o", 4}), std::nullopt);
}

}  // namespace
}  // namespace oc::context
