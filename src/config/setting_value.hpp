// SPDX-License-Identifier: Apache-2.0
// One value: from its text to what the table wants of it, and back. Who may set it is the loader's business.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "config/schema.hpp"
#include "config/yaml_tree.hpp"

namespace oc::config {

struct ValueProblem {
  std::string reason;  // "must be a whole number from 0 to 1024, not 'many'": the name of the thing goes before
  std::string hint;
};

// The value of a node of a configuration file.
std::expected<SettingValue, ValueProblem> parse_value(const Setting& setting, const YamlNode& node);
// The value of an environment variable or a flag. Folders stand between ':' (on Windows ';'), other
// texts on lines of their own.
std::expected<SettingValue, ValueProblem> parse_value(const Setting& setting, std::string_view text);

SettingValue default_value(const Setting& setting);
// What holds when nobody says anything.
Settings default_settings();
// As a person would write it: "0.95", "true", "10000000"; lists with ", " between their entries.
std::string to_text(const SettingValue& value);

}  // namespace oc::config
