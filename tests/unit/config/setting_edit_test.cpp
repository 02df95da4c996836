// SPDX-License-Identifier: Apache-2.0
#include "config/setting_edit.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "config/schema.hpp"
#include "config/templates.hpp"
#include "config/yaml_tree.hpp"

namespace oc::config {
namespace {

std::string edited(std::string_view text, std::string_view key, std::string_view value) {
  const auto result = with_setting(text, key, value);
  return result ? *result : "error: " + result.error().message;
}

TEST(SettingEdit, ReplacesAValueAndNothingElse) {
  EXPECT_EQ(edited("# top\nmodel:\n  context: 7\n  name: old   # why\n\nlog:\n  level: info\n", "model.name", "new"),
            "# top\nmodel:\n  context: 7\n  name: new   # why\n\nlog:\n  level: info\n");
  EXPECT_EQ(edited("model:\n  name: \"a # b\" # c\n", "model.name", "x"), "model:\n  name: x # c\n");
  EXPECT_EQ(edited("model:\n  name: 'it''s'\n", "model.name", "x"), "model:\n  name: x\n");
  EXPECT_EQ(edited("model:\r\n  name : a\r\n", "model.name", "x"), "model:\r\n  name : x\r\n");
  EXPECT_EQ(edited("model:\n  name: # none yet\n", "model.name", "x"), "model:\n  name: x # none yet\n");
  EXPECT_EQ(edited("model:\n  name:", "model.name", "x"), "model:\n  name: x");
}

TEST(SettingEdit, AddsAKeyToItsSection) {
  EXPECT_EQ(edited("model: # mine\n    # of it\n    context: 7\n", "model.name", "x"),
            "model: # mine\n    name: x\n    # of it\n    context: 7\n");
  EXPECT_EQ(edited("model:\n  #name: y\n", "model.name", "x"), "model:\n  name: x\n  #name: y\n");
}

TEST(SettingEdit, AddsASection) {
  EXPECT_EQ(edited("", "model.name", "x"), "model:\n  name: x\n");
  EXPECT_EQ(edited("log:\r\n  level: info", "generation.top_k", "3"),
            "log:\r\n  level: info\r\ngeneration:\r\n  top_k: 3\r\n");
  EXPECT_EQ(edited(" log:\n  level: info\n", "model.name", "x"), " log:\n  level: info\n model:\n   name: x\n");
  EXPECT_EQ(edited("\xEF\xBB\xBF", "model.name", "x"), "\xEF\xBB\xBFmodel:\n  name: x\n");
}

TEST(SettingEdit, QuotesWhatNeedsIt) {
  EXPECT_EQ(edited("", "model.name", "C:\\m\\a \"b\".gguf"), "model:\n  name: \"C:\\\\m\\\\a \\\"b\\\".gguf\"\n");
  EXPECT_EQ(edited("", "model.name", "true"), "model:\n  name: \"true\"\n");
  EXPECT_EQ(edited("", "generation.system", "a\nb: #c"), "generation:\n  system: \"a\\x0ab: #c\"\n");
  EXPECT_EQ(edited("", "limits.file_bytes", "2 MB"), "limits:\n  file_bytes: 2000000\n");
}

TEST(SettingEdit, RefusesWhatItCannotDoSafely) {
  const std::string layout =
      "error: cannot set 'model.name': the file is not laid out as 'section:' with a key on each line";
  for (const std::string text :
       {"{model: {name: a}}", "model: {name: a}\n", "model: {context: 1}\n", "model:\n  name: |\n    a\n",
        "model:\n  name: a\n    b\n", "model:\n  name: >\n    b\n", "- a\n", "? model\n: name: a\n",
        "model:\n  name: 'a\n    b'\n", "log: {level: info}\n...\n"})
    EXPECT_EQ(edited(text, "model.name", "x"), layout) << text;
  EXPECT_EQ(edited("model:\n  name: [\n", "model.name", "x").substr(0, 40), "error: cannot set 'model.name': line 3: ");
  EXPECT_EQ(edited("", "model.nmae", "x"), "error: cannot set 'model.nmae': there is no such key");
  EXPECT_EQ(edited("", "model.folders", "x"), "error: cannot set 'model.folders': it is a list");
  EXPECT_EQ(edited("", "model.threads", "x"),
            "error: cannot set 'model.threads': it must be a whole number from 0 to 1024, not 'x'");
}

TEST(SettingEdit, WorksOnTheTemplates) {
  for (const Setting& setting : all_settings()) {
    if (setting.type == ValueType::folders || setting.type == ValueType::texts) continue;
    EXPECT_TRUE(with_setting(default_template(), setting.key, setting.default_text)) << setting.key;
    EXPECT_TRUE(with_setting(project_template(), setting.key, setting.default_text)) << setting.key;
  }
}

std::string random_file(std::mt19937& random) {
  static const std::vector<std::string> ends{"\n", "\n", "\r\n"};
  static const std::vector<std::string> values{"a", "'b c'",  "\"d\"",  "a # note",   "",
                                               "~", "[x, y]", "{x: y}", "|\n      t", "p\n      q"};
  const std::string& end = ends[random() % ends.size()];
  const std::string indent(1 + random() % 4, ' ');
  std::string text = random() % 4 == 0 ? "# head" + end : "";
  std::string section;
  for (const Setting& setting : all_settings()) {
    if (random() % 3 != 0) continue;
    if (section != setting.section()) {
      section = setting.section();
      text += fmt::format("{}:{}{}", section, random() % 3 == 0 ? " # s" : "", end);
    }
    if (random() % 4 == 0) text += fmt::format("{}# about it{}", indent, end);
    if (random() % 6 == 0) text += end;
    text += fmt::format("{}{}: {}{}", indent, setting.name(), values[random() % values.size()], end);
  }
  if (random() % 3 == 0) text += "# foot";
  return text;
}

// The edit changes one line or adds at most two; every other line stays, and so does every other value.
TEST(SettingEdit, ChangesOneValueAlone) {
  static const std::vector<std::string> values{"1",    "0.5", "true", "auto",       "info", "qwen",
                                               "a: b", "#",   "",     "żółw \"x\"", "- y"};
  std::mt19937 random(1);
  int done = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::string text = random_file(random);
    const Setting& setting = all_settings()[random() % all_settings().size()];
    const auto result = with_setting(text, setting.key, values[random() % values.size()]);
    if (!result) continue;
    ++done;
    const auto before = base::split_lines(text), after = base::split_lines(*result);
    const std::size_t added = after.size() - before.size();
    ASSERT_LE(added, 2u) << text << *result;
    std::size_t same_head = 0, same_tail = 0;
    while (same_head < before.size() && before[same_head] == after[same_head]) ++same_head;
    while (same_tail < before.size() - same_head &&
           before[before.size() - 1 - same_tail] == after[after.size() - 1 - same_tail])
      ++same_tail;
    ASSERT_LE(before.size() - same_head - same_tail, added == 0 ? 1u : 0u) << text << *result;
    ASSERT_EQ(with_setting(*result, setting.key, "no such value, surely").has_value(),
              setting.type == ValueType::text || setting.type == ValueType::name_or_path);
  }
  EXPECT_GT(done, 100);
}

}  // namespace
}  // namespace oc::config
