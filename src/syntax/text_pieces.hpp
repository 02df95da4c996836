// SPDX-License-Identifier: Apache-2.0
// One-line pieces of source text for people and models: a signature, the first paragraph of a comment. Pure.
#pragma once

#include <string>
#include <string_view>

namespace oc::syntax {

// The longest signature and documentation, in bytes.
inline constexpr std::size_t k_max_piece = 240;

// Blanks and line ends become one space each run; what only leads to a body ("{", ":", "=") or ends a statement is cut
// off the end. At most k_max_piece bytes, whole characters. Reads at most a few thousand bytes.
std::string make_signature(std::string_view text);

// The first paragraph of a comment or of a docstring, with its markers: "/** … */", "// …", "# …", "\"\"\"…".
// One line, at most k_max_piece bytes.
std::string make_doc(std::string_view comment);

// At most `limit` bytes, not ending within a character.
std::string_view cut_at_character(std::string_view text, std::size_t limit);

}  // namespace oc::syntax
