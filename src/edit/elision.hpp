// SPDX-License-Identifier: Apache-2.0
// Code in which "..." stands for lines that stay: how that is recognised, and what the code becomes with those lines in
// it.
#pragma once

#include <string>
#include <string_view>

#include "edit/line_replacement.hpp"

namespace oc::edit {

// "..." alone on a line, in a comment or not, with or without words, or a comment that says the same without dots
// ("// existing code", "# rest of the function unchanged"): it stands for lines that stay as they are.
bool is_elision(std::string_view line);

// Is something left out within the line: "{ ... }", "f();  // ...", "{ /* unchanged */ }"? No place can be found for
// it.
bool has_inner_elision(std::string_view line);

// fixed: the code begins and ends where the old text does. open: it is some part of it, and the rest stays.
enum class Edges { fixed, open };

// The old text with the parts between the "..." put in. Each line that stands beside a "..." must be a line of the old
// text, indented as there and in exactly one place behind the part before: it says where the lines that stay begin or
// end. Refused otherwise, and where a part has no line for some that it replaces. LF line ends.
OrRefusal<std::string> resolve_elisions(std::string_view old_text, std::string_view code, Edges edges);

}  // namespace oc::edit
