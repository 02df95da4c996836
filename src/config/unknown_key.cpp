// SPDX-License-Identifier: Apache-2.0
#include "config/unknown_key.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"
#include "config/schema.hpp"

namespace oc::config {
namespace {

std::vector<std::string> names_of(std::string_view section) {
  std::vector<std::string> names;
  for (const Setting& setting : all_settings())
    if (setting.section() == section) names.emplace_back(setting.name());
  return names;
}

// The setting of another section that has exactly this name.
const Setting* find_by_name(std::string_view name) {
  for (const Setting& setting : all_settings())
    if (setting.name() == name) return &setting;
  return nullptr;
}

std::string place_of(const Setting& setting) {
  return fmt::format("write '{}' on a line of its own, indented, below '{}:'", setting.name(), setting.section());
}

}  // namespace

std::string hint_for_name(std::string_view section, std::string_view name) {
  const std::vector<std::string> names = names_of(section);
  if (const auto nearest = base::find_nearest(name, names)) return fmt::format("did you mean '{}'?", *nearest);
  if (const Setting* elsewhere = find_by_name(name)) return place_of(*elsewhere);
  return fmt::format("'{}' has: {}", section, fmt::join(names, ", "));
}

std::string hint_for_section(std::string_view name) {
  if (const Setting* setting = find_setting(name)) return place_of(*setting);
  const std::vector<std::string> sections = all_sections();
  if (const auto nearest = base::find_nearest(name, sections)) return fmt::format("did you mean '{}'?", *nearest);
  if (const Setting* setting = find_by_name(name)) return place_of(*setting);
  return fmt::format("there are: {}", fmt::join(sections, ", "));
}

std::string hint_for_key(std::string_view key) {
  std::vector<std::string> keys;
  for (const Setting& setting : all_settings()) keys.emplace_back(setting.key);
  const Setting* same_name = find_by_name(key.substr(key.find('.') + 1));
  const auto nearest = same_name != nullptr ? std::string(same_name->key) : base::find_nearest(key, keys).value_or("");
  return nearest.empty() ? "" : fmt::format("did you mean '{}'?", nearest);
}

std::string nearest_variable(std::string_view variable) {
  const std::string_view rest = variable.substr(std::min(variable.size(), k_variable_prefix.size()));
  for (const Setting& setting : all_settings()) {
    const std::string name = variable_name(setting);
    if (!rest.empty() && name.ends_with("_" + std::string(rest))) return name;
  }
  return base::find_nearest(variable, all_variables()).value_or("");
}

}  // namespace oc::config
