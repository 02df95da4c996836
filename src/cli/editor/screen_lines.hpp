// SPDX-License-Identifier: Apache-2.0
// Where a text stands on a terminal: rows of its width, wide characters whole. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oc::cli {

struct ScreenLines {
  std::vector<std::string> rows;  // at least one
  std::size_t cursor_row = 0, cursor_column = 0;
};

// `prompt` stands before the first line, blanks of its width before the others. `cursor` is a byte offset in `text`.
ScreenLines lay_out(std::string_view prompt, std::string_view text, std::size_t cursor, std::size_t width);
// At most `height` rows, among them the cursor's.
ScreenLines part_on_screen(const ScreenLines& all, std::size_t height);

}  // namespace oc::cli
