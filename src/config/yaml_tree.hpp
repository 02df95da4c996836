// SPDX-License-Identifier: Apache-2.0
// YAML text → a small tree with line numbers; the only file that knows yaml-cpp is yaml_tree.cpp.
// Hostile text is expected: size, depth and number of entries are bounded, anchors, aliases and tags are refused.
// What the keys mean is schema.cpp's business.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace oc::config {

inline constexpr std::size_t k_yaml_bytes = 1'000'000;
inline constexpr std::size_t k_yaml_depth = 8;
inline constexpr std::size_t k_yaml_entries = 1000;  // of one mapping or list

struct YamlNode {
  enum class Kind { nothing, plain, quoted, list, mapping };
  Kind kind = Kind::nothing;
  std::string key{};                 // its name inside a mapping
  std::string text{};                // of plain and quoted
  base::LineNumber line{};           // of the key if it has one, else of the value
  std::vector<YamlNode> children{};  // of list and mapping, in the order of the text
};

struct YamlProblem {
  base::LineNumber line;
  std::string reason;
  std::string hint;
};

// The only document of the text; kind `nothing` if there is none. Linear in the text, apart from yaml-cpp's own work.
std::expected<YamlNode, YamlProblem> parse_yaml(std::string_view text);

// The same values under the same keys in the same order? Lines and quotes do not count.
bool has_same_values(const YamlNode& a, const YamlNode& b);

}  // namespace oc::config
