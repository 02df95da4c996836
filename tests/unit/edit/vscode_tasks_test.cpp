// SPDX-License-Identifier: Apache-2.0
#include "edit/vscode_tasks.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <algorithm>

#include <random>

#include "base/text.hpp"

namespace oc::edit {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<VscodeEntry> k_entries{
    {"tasks", "label", "ours: one", "{\n  \"label\": \"ours: one\",\n  \"args\": [\n    \"x\"\n  ]\n}"},
    {"tasks", "label", "ours: two", "{ \"label\": \"ours: two\" }"},
    {"inputs", "id", "oursInput", "{\n  \"id\": \"oursInput\"\n}"}};

std::string merged(std::string_view text) {
  const auto merge = merge_vscode_entries(text, k_entries);
  if (!merge) return fmt::format("line {}: {}", merge.error().line.value, merge.error().reason);
  return merge->text;
}

// Is every byte of the old text in the new one, in the same order?
bool keeps_all(std::string_view old_text, std::string_view new_text) {
  std::size_t kept = 0;
  for (const char c : new_text)
    if (kept < old_text.size() && c == old_text[kept]) ++kept;
  return kept == old_text.size();
}

std::vector<std::string> ids_of(std::string_view text, std::string_view list_name, std::string_view key) {
  std::vector<std::string> ids;
  const auto root = parse_jsonc(text);
  if (!root || !*root) return {"(unreadable)"};
  const JsoncValue* list = find_member(**root, list_name);
  if (list == nullptr) return {"(no list)"};
  for (const JsoncValue& item : list->children) {
    const JsoncValue* id = find_member(item, key);
    ids.push_back(id == nullptr ? "" : id->text);
  }
  return ids;
}

TEST(VscodeTasks, ANewFileIsWhole) {
  const std::string whole =
      "{\n  \"version\": \"2.0.0\",\n  \"tasks\": [\n    {\n      \"label\": \"ours: one\",\n      \"args\": [\n       "
      " \"x\"\n"
      "      ]\n    },\n    { \"label\": \"ours: two\" }\n  ],\n  \"inputs\": [\n    {\n      \"id\": \"oursInput\"\n  "
      "  }\n  ]\n}\n";
  EXPECT_EQ(merged(""), whole);
  EXPECT_EQ(merged("\xEF\xBB\xBF"), "\xEF\xBB\xBF" + whole);
  EXPECT_EQ(merged("// nothing yet"), "// nothing yet\n" + whole);
  EXPECT_EQ(merged("\n\n"), "\n\n" + whole);
  EXPECT_EQ(merged(whole), whole);
}

TEST(VscodeTasks, EntriesGoBehindTheUsersInTheUsersStyle) {
  const std::string old_text =
      "// mine\n{\n\t\"version\": \"2.0.0\",\n\t\"tasks\": [\n\t\t{\n\t\t\t\"label\": \"build\" // keep\n\t\t} // "
      "last\n\t\t// more\n"
      "\t],\n\t/* end */\n}\n";
  EXPECT_EQ(merged(old_text),
            "// mine\n{\n\t\"version\": \"2.0.0\",\n\t\"tasks\": [\n\t\t{\n\t\t\t\"label\": \"build\" // keep\n\t\t}, "
            "// last\n\t\t// more\n"
            "\t\t{\n\t\t\t\"label\": \"ours: one\",\n\t\t\t\"args\": [\n\t\t\t\t\"x\"\n\t\t\t]\n\t\t},\n\t\t{ "
            "\"label\": \"ours: two\" }\n"
            "\t],\n\t/* end */\n\t\"inputs\": [\n\t\t{\n\t\t\t\"id\": \"oursInput\"\n\t\t}\n\t]\n}\n");
}

TEST(VscodeTasks, WindowsLineEndsAndTrailingCommasStay) {
  const std::string old_text =
      "\xEF\xBB\xBF{\r\n    \"tasks\": [\r\n        {\"label\": \"a\"}, // c\r\n    ],\r\n}\r\n";
  const std::string text = merged(old_text);
  EXPECT_TRUE(keeps_all(old_text, text));
  EXPECT_EQ(std::ranges::count(text, '\n'), std::ranges::count(text, '\r'));
  EXPECT_THAT(text, HasSubstr("        {\"label\": \"a\"}, // c\r\n        {\r\n            \"label\": \"ours: one\""));
  EXPECT_THAT(text, HasSubstr("    ],\r\n    \"version\": \"2.0.0\",\r\n    \"inputs\": ["));
}

TEST(VscodeTasks, CompactFilesWork) {
  for (const std::string old_text :
       {R"({"tasks":[]})", R"({"version":"2.0.0","tasks":[{"label":"a"}],"inputs":[]})", "{}", "{ }", "{\n}",
        R"({"tasks":[{"label":"a"},],})", "{\"tasks\":[/*x*/]}", "{\"tasks\":[//x\n]}", "{\"tasks\": [\n] //y\n}",
        R"({"a":{"tasks":1},"b":[[],{}],"c":-1.5e+3,"d":null})"}) {
    const std::string text = merged(old_text);
    EXPECT_TRUE(keeps_all(old_text, text)) << text;
    const auto labels = ids_of(text, "tasks", "label");
    EXPECT_THAT(std::vector(labels.end() - 2, labels.end()), ElementsAre("ours: one", "ours: two")) << text;
    EXPECT_THAT(ids_of(text, "inputs", "id"), ElementsAre("oursInput")) << text;
    EXPECT_EQ(merged(text), text);
  }
}

TEST(VscodeTasks, WhatIsThereIsNotAddedAgain) {
  const std::string old_text =
      "{\"version\": \"2.0.0\", \"tasks\": [{\"label\": \"ours\\u003a two\", \"command\": \"changed\"}]}";
  const auto merge = merge_vscode_entries(old_text, k_entries);
  ASSERT_TRUE(merge);
  EXPECT_THAT(merge->added, ElementsAre("ours: one", "oursInput"));
  EXPECT_THAT(ids_of(merge->text, "tasks", "label"), ElementsAre("ours: two", "ours: one"));
  EXPECT_THAT(merge_vscode_entries(merge->text, k_entries)->added, IsEmpty());
}

TEST(VscodeTasks, WhatCannotBeUnderstoodIsRefusedWithItsLine) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[]", "line 1: it is not an object in braces"},
      {"text", "line 1: a value should stand here, not 't'"},
      {"{\n\"tasks\": {}\n}", "line 2: 'tasks' is not a list"},
      {"{\n\"inputs\": null\n}", "line 2: 'inputs' is not a list"},
      {"{\n\n\"version\": \"0.1.0\"}", "line 3: it is not of version 2.0.0"},
      {"{\"tasks\": [\n{}\n{}]}", "line 3: ',' or ']' should stand here, not '{'"},
      {"{\"tasks\": [", "line 1: a value should stand here, not the end of the file"},
      {"{\"tasks\": [],,}", "line 1: a string in double quotes should stand here, not ','"},
      {"{\"tasks\": [,]}", "line 1: a value should stand here, not ','"},
      {"{\"tasks\" []}", "line 1: ':' should stand here, not '['"},
      {"{\"a\": \"x\n\"}", "line 1: a string has no end"},
      {"{\"a\": \"\\q\"}", "line 1: a string has an escape that JSON does not know"},
      {"{\"a\": \"\\u12\"}", "line 1: \\u in a string needs four hexadecimal digits"},
      {"{}\n/* x", "line 2: a comment has no end"},
      {"{} {}", "line 1: the file should end here, not go on with '{'"},
      {std::string("\xFF\xFE{\0}\0", 6), "line 1: a value should stand here, not '\\xff'"},
      {std::string(100'000, '['), "line 1: more than 64 levels of brackets"}};
  for (const auto& [text, reason] : cases) EXPECT_EQ(merged(text), reason) << text.substr(0, 50);
}

// Random files as people lay them out: any blanks and comments anywhere, any style of commas.
class RandomFile {
 public:
  explicit RandomFile(unsigned seed) : random_(seed) {}

  std::string make() {
    line_end_ = one_of({"\n", "\r\n"});
    std::vector<std::string> members{"\"version\"" + blanks() + ":\"2.0.0\""};
    if (random_() % 4 != 0) members.push_back("\"tasks\": " + make_list("label"));
    if (random_() % 2 == 0) members.push_back("\"inputs\":" + blanks() + make_list("id"));
    if (random_() % 2 == 0)
      members.push_back("\"other // not a comment\": [{\"a\":" + blanks() + "\"]}\\\"\"}, 1, true]");
    std::ranges::shuffle(members, random_);
    return one_of({"", "\xEF\xBB\xBF"}) + blanks() + enclose('{', members, '}') + blanks();
  }
  std::string mutate(std::string text) {
    for (int i = 0; i < 3; ++i) {
      const std::size_t at = random_() % (text.size() + 1);
      if (random_() % 2 == 0 && at < text.size()) text.erase(at, random_() % 5);
      else text.insert(at, one_of({"\"", "{", "}", "[", "]", ",", "/*", "*/", "//", "\\", "\n", "\r", "\x80"}));
    }
    return text;
  }

 private:
  std::string one_of(const std::vector<std::string>& choices) { return choices[random_() % choices.size()]; }
  std::string blanks() {
    std::string text;
    while (random_() % 3 == 0)
      text += one_of({" ", "\t", "  ", line_end_, line_end_, "/* [ \" */", "//, ]}" + line_end_, "/**/"});
    return text;
  }
  std::string make_list(const std::string& key) {
    std::vector<std::string> items;
    for (unsigned i = random_() % 4; i > 0; --i)
      items.push_back(enclose('{', {"\"" + key + "\":" + blanks() + "\"user\""}, '}'));
    return enclose('[', items, ']');
  }
  std::string enclose(char open, const std::vector<std::string>& items, char close) {
    std::string text = open + blanks();
    for (const std::string& item : items)
      text += item + blanks() + (&item != &items.back() || random_() % 3 == 0 ? "," : "") + blanks();
    return text + close;
  }

  std::mt19937 random_;
  std::string line_end_;
};

TEST(VscodeTasks, NoByteOfARandomFileIsLost) {
  for (unsigned seed = 0; seed < 500; ++seed) {
    const std::string old_text = RandomFile(seed).make();
    const auto merge = merge_vscode_entries(old_text, k_entries);
    ASSERT_TRUE(merge) << old_text << "\n" << merge.error().line.value << ": " << merge.error().reason;
    ASSERT_TRUE(keeps_all(old_text, merge->text)) << old_text << "\n→\n" << merge->text;
    auto labels = ids_of(old_text, "tasks", "label");
    if (labels == std::vector<std::string>{"(no list)"}) labels.clear();
    labels.insert(labels.end(), {"ours: one", "ours: two"});
    ASSERT_EQ(ids_of(merge->text, "tasks", "label"), labels) << old_text << "\n→\n" << merge->text;
    ASSERT_EQ(ids_of(merge->text, "inputs", "id").back(), "oursInput");
    ASSERT_EQ(merge_vscode_entries(merge->text, k_entries)->text, merge->text);
  }
}

TEST(VscodeTasks, DamagedFilesAreRefusedOrKept) {
  int refused = 0;
  for (unsigned seed = 0; seed < 500; ++seed) {
    RandomFile random(seed);
    const std::string old_text = random.mutate(random.make());
    const auto merge = merge_vscode_entries(old_text, k_entries);
    if (!merge) {
      ++refused;
      continue;
    }
    ASSERT_TRUE(keeps_all(old_text, merge->text)) << old_text << "\n→\n" << merge->text;
    ASSERT_TRUE(parse_jsonc(merge->text)) << old_text << "\n→\n" << merge->text;
  }
  EXPECT_GT(refused, 100);
  EXPECT_LT(refused, 450);
}

}  // namespace
}  // namespace oc::edit
