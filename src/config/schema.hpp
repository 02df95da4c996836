// SPDX-License-Identifier: Apache-2.0
// The one table of what can be configured: schema.cpp lists each key with its type, range, default and who may set it.
// Files, environment, flags, messages, `config --show` and the check of docs/config.md all come from that table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/settings.hpp"

namespace oc::config {

enum class ValueType { text, name_or_path, integer, number, toggle, bytes, word, folders, texts };

// What a project's own file may do with a key. Repositories are not trusted: they may ask for less, never for more.
enum class ProjectRight {
  none,
  any,
  plain_name,  // a name to look up, not a path
  lower,       // no more than what holds without the project
  off,         // false, or what holds without the project
  confirmed,   // has no effect before the user has confirmed it; who acts on it sees to that
};

// integer, bytes: int64 · number: double · toggle: bool · text, name_or_path, word: string · folders, texts: strings.
using SettingValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::string>>;

struct Setting {
  std::string_view key;  // "section.name"
  ValueType type;
  double low;   // of integer, number and bytes
  double high;  // the same; for text and each of texts the most bytes
  std::span<const std::string_view> words;
  std::string_view default_text;  // as it would stand in an environment variable
  ProjectRight project;
  std::string_view help;
  void (*store)(Settings& settings, const SettingValue& value);

  std::string_view section() const { return key.substr(0, key.find('.')); }
  std::string_view name() const { return key.substr(key.find('.') + 1); }
};

std::span<const Setting> all_settings();
// nullptr: there is no such key.
const Setting* find_setting(std::string_view key);
bool is_section(std::string_view name);
// Every section once, in the table's order.
std::vector<std::string> all_sections();

// "OFFLINE_CODER_GENERATION_TOP_K" for "generation.top_k".
std::string variable_name(const Setting& setting);
// The setting of an environment variable, short names included; nullptr: none.
const Setting* find_setting_of_variable(std::string_view variable);
// OFFLINE_CODER_* variables that the programs read for other ends.
bool is_other_variable(std::string_view variable);
// Every variable name that means something, for "did you mean".
std::vector<std::string> all_variables();

inline constexpr std::string_view k_variable_prefix = "OFFLINE_CODER_";
inline constexpr std::string_view k_config_variable = "OFFLINE_CODER_CONFIG";

}  // namespace oc::config
