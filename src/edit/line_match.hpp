// SPDX-License-Identifier: Apache-2.0
// Which lines two texts have in common: the heart of a diff, without any form.
#pragma once

#include <string_view>
#include <vector>

namespace oc::edit {

// The lines with their ends ("a\n"); the last one may lack it. "" has none.
std::vector<std::string_view> lines_with_ends(std::string_view text);

// For each new line, whether it is kept from the old text, and the other way round. The kept lines of both, in order,
// are the same lines.
struct LineMatch {
  std::vector<bool> old_kept;
  std::vector<bool> new_kept;
};

// The fewest changes for ordinary texts; where more than some thousand lines changed in one place, a good but perhaps
// not the smallest answer. Time and memory stay bounded: two unlike files of 50 000 lines take well under a second.
LineMatch match_lines(const std::vector<std::string_view>& old_lines, const std::vector<std::string_view>& new_lines);

}  // namespace oc::edit
