// SPDX-License-Identifier: Apache-2.0
// The differences between two texts in the unified format, as bytes for `patch` and as lines for a terminal.
// Colours and control characters are the terminal's business (base/control_filter.hpp).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oc::edit {

struct DiffLine {
  enum class Kind {
    header,   // "--- a/name", "+++ b/name"
    hunk,     // "@@ -1,4 +1,5 @@"
    context,  // the rest begin with ' ', '-' or '+'
    removed,
    added,
    note,  // "\ No newline at end of file"
  };
  Kind kind = Kind::context;
  std::string text;  // with the mark in front, without the line end
  bool operator==(const DiffLine&) const = default;
};

inline constexpr std::size_t k_context_lines = 3;

// The diff as `patch -p1` takes it; "" if the texts are equal. `label` is the file's name with '/' between its parts;
// one with control characters is quoted. Line ends are part of a line and stand in the diff as they are. Time and
// memory: line_match.hpp.
std::string unified_diff(std::string_view old_text, std::string_view new_text, std::string_view label,
                         std::size_t context_lines = k_context_lines);

// The same for showing. "\r\n" reads as a plain line end where both texts use nothing else; where not, each line that
// ends so is shown with "\r" (a backslash and an r) at its end, so that a change of line ends can be seen.
std::vector<DiffLine> diff_lines(std::string_view old_text, std::string_view new_text, std::string_view label,
                                 std::size_t context_lines = k_context_lines);

}  // namespace oc::edit
