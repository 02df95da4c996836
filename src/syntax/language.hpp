// SPDX-License-Identifier: Apache-2.0
// Which programming language a file, a name or a shebang line stands for. A fixed table; pure lookups, no disk.
// What the text of a file means is left to others.
#pragma once

#include <span>
#include <string_view>

#include "base/path.hpp"

namespace oc::syntax {

// One row of the table. All views live as long as the program. Fields that hold several words separate them by a space.
struct Language {
  std::string_view id;            // "python": stable, lower case, unique
  std::string_view display_name;  // "Python": for people
  std::string_view fence;         // the word after ``` in Markdown
  std::string_view extensions;    // "py pyi": without the dot, lower case
  std::string_view file_names;    // "Makefile GNUmakefile": whole names, compared without case
  std::string_view aliases;       // "py python3": what people type besides id, name, fence and extensions
  std::string_view interpreters;  // "python pypy": programs of a shebang line, without version digits
  std::string_view line_comment;  // "#"; empty if the language only has comments that need closing
};

std::span<const Language> languages();

// By whole file name, then extension, then the part before the first dot ("Dockerfile.dev"), then the shebang line if
// one is given. nullptr: none of them is known. ".h" counts as C.
const Language* find_language_of_file(const base::Path& path, std::string_view first_line = {});

// By anything people call it: id, display name, fence word, alias or extension (with or without its dot), without
// regard to case. nullptr: unknown.
const Language* find_language(std::string_view name_or_alias);

// "#!/usr/bin/env python3" → Python. nullptr: no shebang, or an interpreter that is not in the table.
const Language* find_language_of_shebang(std::string_view first_line);

}  // namespace oc::syntax
