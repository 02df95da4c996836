// SPDX-License-Identifier: Apache-2.0
// A text with LF line ends as lines, and back. A "\r" is a character like any other here: what stays must stay as it
// is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::edit {

// Without their "\n"; "a\n" is one line, "" is none.
std::vector<std::string_view> lines_of(std::string_view text);
std::vector<std::string> owned_lines(std::string_view text);

// Each with "\n" behind it.
std::string joined(const std::vector<std::string>& lines);

}  // namespace oc::edit
