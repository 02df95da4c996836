// SPDX-License-Identifier: Apache-2.0
#include "config/yaml_tree.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

namespace oc::config {
namespace {

using Kind = YamlNode::Kind;

std::string problem(std::string_view text) {
  const auto root = parse_yaml(text);
  return root ? "" : fmt::format("{}: {}", root.error().line.value, root.error().reason);
}

TEST(YamlTree, KeepsKeysValuesAndLines) {
  const auto root = parse_yaml("a: 1 # one\n'b':\n  c: \"two\"\n  d: [x, y]\ne:\n");
  ASSERT_TRUE(root);
  ASSERT_EQ(root->kind, Kind::mapping);
  ASSERT_EQ(root->children.size(), 3u);
  EXPECT_EQ(root->children[0].key, "a");
  EXPECT_EQ(root->children[0].text, "1");
  EXPECT_EQ(root->children[0].kind, Kind::plain);
  EXPECT_EQ(root->children[1].line.value, 2);
  EXPECT_EQ(root->children[1].children[0].kind, Kind::quoted);
  EXPECT_EQ(root->children[1].children[1].line.value, 4);
  EXPECT_EQ(root->children[1].children[1].children[1].text, "y");
  EXPECT_EQ(root->children[2].kind, Kind::nothing);
}

TEST(YamlTree, NothingIsFine) {
  for (const std::string text : {"", "\n", "# only this", "---\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF# x\n"})
    EXPECT_EQ(parse_yaml(text)->kind, Kind::nothing) << text;
  EXPECT_EQ(parse_yaml("\xEF\xBB\xBF"
                       "a: 1\r\nb: 2\r\n")
                ->children[1]
                .text,
            "2");
}

TEST(YamlTree, RefusesWhatCouldExplodeOrSurprise) {
  EXPECT_EQ(problem("a: &x 1\nb: *x\n"), "1: anchors and aliases ('&', '*') are not supported");
  EXPECT_TRUE(problem("a: 1\nb: *x\n").starts_with("2: not valid YAML: the referenced anchor is not defined"));
  EXPECT_EQ(problem("a: !!python/object 1\n"), "1: tags ('!') are not supported");
  EXPECT_EQ(problem("a: 1\n---\nb: 2\n"), "2: a second YAML document begins");
  EXPECT_EQ(problem("a: 1\na: 2\n"), "2: key 'a' is given twice, first on line 1");
  EXPECT_EQ(problem("[x]: 1\n"), "1: a key must be a word");
  EXPECT_EQ(problem("~: 1\n"), "1: a key must be a word");
  EXPECT_EQ(problem("a: [[[[[[[[[1]]]]]]]]]\n"), "1: the values are nested too deeply");
  EXPECT_EQ(problem(std::string("a: 1\nb: \0\n", 10)), "2: there is a control character (byte 0x00)");
  EXPECT_EQ(problem("a: \"\\\x1b[31m\"").find('\x1b'), std::string::npos);
  std::string many = "a: [1";
  for (int i = 0; i < 1000; ++i) many += ",1";
  EXPECT_EQ(problem(many + "]\n"), "1: there are more than 1000 entries");
}

TEST(YamlTree, LargeHostileTextsAreRefusedSoon) {
  for (const std::string piece :
       {"[", "{", "- ", "? ", "a: ", "- [", "&a ", "*a ", "!", "'a", "\"", "a:\n ", "|\n", "{a: "}) {
    std::string text;
    while (text.size() < 20'000) text += piece;
    EXPECT_NE(problem(text), "") << piece;
  }
}

TEST(YamlTree, AnyTextEndsInATreeOrAProblem) {
  static const std::string letters = "a:-[]{}#'\"|>&*!?%@`~,\n \t\r.<0";
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (std::size_t n = random() % 30; n > 0; --n) text += letters[random() % letters.size()];
    const auto root = parse_yaml(text);
    if (!root) ASSERT_FALSE(root.error().reason.empty());
    else ASSERT_TRUE(has_same_values(*root, *parse_yaml(text)));
  }
}

}  // namespace
}  // namespace oc::config
