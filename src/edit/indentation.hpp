// SPDX-License-Identifier: Apache-2.0
// Tabs and spaces at the beginning of lines: what a text uses, and other lines in the same way. Text in, text out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oc::edit {

enum class IndentKind { none, tabs, spaces, mixed };

struct IndentStyle {
  IndentKind kind = IndentKind::none;
  std::size_t unit = 0;  // spaces of one level: the usual step from one line to the next; 0 unless `kind` is spaces
};

IndentStyle indent_style(const std::vector<std::string_view>& lines);

// `lines` in the wanted style: leading units of spaces become tabs, or tabs become units of spaces. Unchanged unless
// one of the two is nothing but tabs and the other nothing but spaces.
std::vector<std::string> in_indent_style(const IndentStyle& wanted, const std::vector<std::string>& lines);

// `lines` moved as a whole, so that the first one that is not blank begins with `indentation`. A line that is indented
// less than that first one keeps what it has.
std::vector<std::string> indented_like(const std::vector<std::string>& lines, std::string_view indentation);

}  // namespace oc::edit
