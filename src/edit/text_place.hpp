// SPDX-License-Identifier: Apache-2.0
// Where lines that somebody quotes stand in a file. Strict: exactly one place, or none. Tolerant about what models get
// wrong without meaning it: blanks at line ends, indentation moved as a whole, blank lines around, "..." for lines left
// out. Never by likeness.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edit/line_replacement.hpp"

namespace oc::edit {

// One quoted text and what it becomes, with LF line ends. "" → text: for an empty file.
struct TextChange {
  std::string old_text;
  std::string new_text;
  std::optional<std::size_t> stated_line;  // from 0: where the quoting side says that it stands (a diff's number)
  bool operator==(const TextChange&) const = default;
};

// `file` with LF line ends, without byte order mark. Refused when the old text stands nowhere or in several places (a
// stated line that is one of them decides; nothing else does). "..." in both texts, as often and in the same order,
// stands for the same lines, none of them indented less than it. Linear in the file for each line of the old text.
OrRefusal<std::vector<LineReplacement>> place_text(std::string_view file, const TextChange& change);

}  // namespace oc::edit
