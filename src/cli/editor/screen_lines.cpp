// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/screen_lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace oc::cli {
namespace {

constexpr std::size_t k_narrowest = 8;
constexpr std::size_t k_tab = 4;

}  // namespace

ScreenLines lay_out(std::string_view prompt, std::string_view text, std::size_t cursor, std::size_t width) {
  width = std::max(width, k_narrowest);
  ScreenLines lines;
  lines.rows.emplace_back(prompt);
  const std::size_t margin = base::display_width(prompt);
  std::size_t column = margin;
  const auto new_row = [&](std::string_view begin) {
    lines.rows.emplace_back(begin);
    column = base::display_width(begin);
  };
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && (static_cast<unsigned char>(text[i + length]) & 0xc0) == 0x80) ++length;
    const std::string_view character = text.substr(i, length);
    const std::size_t columns = character == "\t" ? k_tab : base::display_width(character);
    // A full row has no place for the cursor behind it.
    if (character != "\n" && column + columns > width) new_row("");
    if (i == cursor) {
      lines.cursor_row = lines.rows.size() - 1;
      lines.cursor_column = column;
    }
    if (character == "\n") {
      new_row(std::string(margin, ' '));
    } else {
      lines.rows.back() += character == "\t" ? std::string(k_tab, ' ') : std::string(character);
      column += columns;
    }
    i += length;
  }
  if (column >= width) new_row("");
  if (cursor >= text.size()) {
    lines.cursor_row = lines.rows.size() - 1;
    lines.cursor_column = column;
  }
  lines.cursor_column = std::min(lines.cursor_column, width - 1);
  return lines;
}

ScreenLines part_on_screen(const ScreenLines& all, std::size_t height) {
  height = std::max<std::size_t>(1, height);
  if (all.rows.size() <= height) return all;
  const std::size_t top = std::min(all.cursor_row < height ? 0 : all.cursor_row - height + 1, all.rows.size() - height);
  ScreenLines part;
  const auto first = all.rows.begin() + static_cast<std::ptrdiff_t>(top);
  part.rows.assign(first, first + static_cast<std::ptrdiff_t>(height));
  part.cursor_row = all.cursor_row - top;
  part.cursor_column = all.cursor_column;
  return part;
}

}  // namespace oc::cli
