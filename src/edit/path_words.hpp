// SPDX-License-Identifier: Apache-2.0
// The names of files that an answer puts beside its code. Text in, text out; whether such a file exists is not known
// here. A name that might as well be something else ("self.items", "Node.js") is only mentioned, wherever it stands.
#pragma once

#include <string>
#include <string_view>

#include "edit/proposed_edit.hpp"

namespace oc::edit {

struct NamedPath {
  std::string path;
  ProposedEdit::Naming naming = ProposedEdit::Naming::none;
};

// A line that stands before code: "**src/app.py**", "### File: `src/app.py`", "src/app.py (new):" state a path, "change
// `src/app.py` like this:" mentions one. Nothing where two are mentioned.
NamedPath path_in_line(std::string_view line);

// Behind the fence: "python src/app.py", "py:src/app.py", 'python title="src/app.py"', "12:20:src/app.py".
NamedPath path_in_fence(std::string_view info);

// A first line of code that is a comment with nothing but a path in it: "# src/app.py", "// File: src/app.js".
NamedPath path_in_comment(std::string_view first_line);

}  // namespace oc::edit
