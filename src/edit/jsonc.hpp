// SPDX-License-Identifier: Apache-2.0
// Where things stand in a JSON file that people edit: comments and trailing commas are fine, and every value knows its
// place, so that text can be added without touching the rest. What the keys mean is the caller's business.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace oc::edit {

struct JsoncValue {
  enum class Kind { object, array, string, other };
  Kind kind = Kind::other;
  std::size_t begin = 0;  // offset of its first byte
  std::size_t end = 0;    // … and behind its last one
  std::string key;        // its name inside an object
  std::string text;       // of a string, escapes resolved (those of other characters than ASCII stay as they are)
  // Of objects and arrays:
  std::vector<JsoncValue> children;
  bool has_trailing_comma = false;
  std::size_t last_mark = 0;  // behind the last child, comma or comment before the closing bracket, or the opening one
};

struct JsoncProblem {
  base::LineNumber line;
  std::string reason;
};

// nullopt: nothing but white space and comments. A byte order mark at the beginning is skipped. At most 64 levels deep.
// Linear.
std::expected<std::optional<JsoncValue>, JsoncProblem> parse_jsonc(std::string_view text);

// The last of an object's members with that key, as readers take it; nullptr if there is none.
const JsoncValue* find_member(const JsoncValue& object, std::string_view key);

}  // namespace oc::edit
