// SPDX-License-Identifier: Apache-2.0
// Is a changed file worse to parse than it was? The first gate that an edit has to pass.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "edit/change.hpp"
#include "syntax/language.hpp"

namespace oc::edit {

// What is wrong, with line and reason, where the new text has more syntax errors than the old one (a new file: any).
// nullopt: nothing, or nobody can tell (no grammar, a file that goes). Parses both, a second at most each.
std::optional<std::string> find_new_syntax_error(const FileChange& change);

// What is wrong with a text alone: the first error, with its line. nullopt: nothing, or nobody can tell.
std::optional<std::string> find_syntax_error(std::string_view text, const syntax::Language* language);

}  // namespace oc::edit
