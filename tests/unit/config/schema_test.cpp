// SPDX-License-Identifier: Apache-2.0
#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/ranges.h>
#include <set>
#include <string>

#include "base/files.hpp"
#include "base/text.hpp"
#include "config/setting_value.hpp"
#include "config/templates.hpp"
#include "unit/config/config_fixture.hpp"

namespace oc::config {
namespace {

using testing::HasSubstr;

TEST(Schema, EveryRowIsUsable) {
  std::set<std::string_view> keys;
  for (const Setting& setting : all_settings()) {
    EXPECT_TRUE(keys.insert(setting.key).second) << setting.key;
    EXPECT_TRUE(parse_value(setting, setting.default_text)) << setting.key;
    EXPECT_FALSE(setting.help.empty()) << setting.key;
    EXPECT_EQ(find_setting(setting.key), &setting);
    EXPECT_EQ(find_setting_of_variable(variable_name(setting)), &setting);
  }
  EXPECT_EQ(find_setting("model.nothing"), nullptr);
  EXPECT_EQ(variable_name(*find_setting("generation.top_k")), "OFFLINE_CODER_GENERATION_TOP_K");
  EXPECT_EQ(find_setting_of_variable("OFFLINE_CODER_MODEL"), find_setting("model.name"));
}

// Each row writes its own member: setting one key changes the settings, and no two keys change them in the same way.
TEST(Schema, EachRowHasItsOwnPlace) {
  for (const Setting& setting : all_settings()) {
    static const std::vector<std::string> candidates{"1", "0.5", "false", "true", "never", "debug", "x"};
    bool is_changed = false;
    for (const std::string& text : candidates) {
      const auto value = parse_value(setting, text);
      if (!value || *value == default_value(setting)) continue;
      Settings settings = default_settings();
      setting.store(settings, *value);
      is_changed = is_changed || settings != default_settings();
      for (const Setting& other : all_settings()) {
        if (&other == &setting) continue;
        Settings both = settings;
        other.store(both, default_value(other));
        EXPECT_EQ(both, settings) << setting.key << " and " << other.key;
      }
    }
    EXPECT_TRUE(is_changed) << setting.key;
  }
}

TEST(Values, SizesMayHaveUnits) {
  const Setting& setting = *find_setting("limits.file_bytes");
  EXPECT_EQ(parse_value(setting, "500 kB"), SettingValue(std::int64_t{500'000}));
  EXPECT_EQ(parse_value(setting, "1GB"), SettingValue(std::int64_t{1'000'000'000}));
  EXPECT_EQ(parse_value(setting, "12"), SettingValue(std::int64_t{12}));
  for (const std::string bad : {"", "MB", "1 mb", "1.5 MB", "-1", "99999999999 GB", "2 GB", "0"})
    EXPECT_FALSE(parse_value(setting, bad)) << bad;
}

TEST(Values, AreWrittenAsAPersonWould) {
  EXPECT_EQ(to_text(SettingValue(0.95)), "0.95");
  EXPECT_EQ(to_text(SettingValue(0.0)), "0");
  EXPECT_EQ(to_text(SettingValue(true)), "true");
  EXPECT_EQ(to_text(SettingValue(std::vector<std::string>{"a", "b"})), "a, b");
}

class Templates : public ConfigFiles {};

TEST_F(Templates, TheDefaultFileSaysNothingButTheDefaults) {
  write(user_file_, default_template());
  const auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->settings(), default_settings());
  for (const Value& value : loaded->values()) EXPECT_EQ(value.origin.kind, Origin::Kind::user_file) << value.key;
}

TEST_F(Templates, TheProjectFileChangesNothingUntilItsKeysAreUncommented) {
  write(project_file_, project_template());
  const auto commented = load_settings(sources_);
  ASSERT_TRUE(commented) << commented.error().message;
  EXPECT_EQ(commented->settings(), default_settings());
  std::string text;
  for (std::string_view line : base::split_lines(project_template())) {
    const std::size_t mark = line.find('#');
    const bool is_key = mark != std::string_view::npos && mark + 1 < line.size() && line[mark + 1] != ' ';
    text += is_key ? fmt::format("{}{}\n", line.substr(0, mark), line.substr(mark + 1)) : fmt::format("{}\n", line);
  }
  write(project_file_, text);
  const auto loaded = load_settings(sources_);
  ASSERT_TRUE(loaded) << loaded.error().message;
  for (const Value& value : loaded->values()) {
    const bool is_allowed = find_setting(value.key)->project != ProjectRight::none;
    EXPECT_EQ(value.origin.kind == Origin::Kind::project_file, is_allowed) << value.key;
  }
}

// The table of docs/config.md is the table of schema.cpp.
TEST(Documentation, HasEveryKeyWithItsFacts) {
  const auto text = base::read_file(base::Path(OC_SOURCE_FOLDER) / "docs" / "config.md", base::ByteCount(1'000'000));
  ASSERT_TRUE(text);
  std::string plain;
  for (const char c : *text)
    if (c != '`') plain += c;
  for (const Setting& setting : all_settings()) {
    const std::size_t at = plain.find(fmt::format("\n| {} |", setting.key));
    ASSERT_NE(at, std::string::npos) << setting.key;
    const std::string row = plain.substr(at + 1, plain.find('\n', at + 1) - at - 1);
    const std::string_view default_text = setting.default_text.empty() ? "empty" : setting.default_text;
    const std::string_view right = setting.project == ProjectRight::none        ? "no"
                                   : setting.project == ProjectRight::lower     ? "only lower"
                                   : setting.project == ProjectRight::off       ? "only false"
                                   : setting.project == ProjectRight::any       ? "yes"
                                   : setting.project == ProjectRight::confirmed ? "yes, once you confirmed them"
                                                                                : "a name, not a path";
    std::string help(setting.help);
    std::erase(help, '\'');
    std::string row_help = row;
    std::erase(row_help, '\'');
    EXPECT_THAT(row_help, HasSubstr(fmt::format("| {} | {} | {} |", default_text, right, help)));
    if (setting.type == ValueType::integer || setting.type == ValueType::number || setting.type == ValueType::bytes) {
      EXPECT_THAT(row, HasSubstr(fmt::format("| {:.0f} to {:.0f} |", setting.low, setting.high)));
    }
    if (!setting.words.empty()) {
      EXPECT_THAT(row, HasSubstr(fmt::format("| {} |", fmt::join(setting.words, ", "))));
    }
  }
  for (const std::string& variable : all_variables()) {
    if (is_other_variable(variable)) {
      EXPECT_THAT(plain, HasSubstr(fmt::format("| {} |", variable)));
    }
  }
}

}  // namespace
}  // namespace oc::config
