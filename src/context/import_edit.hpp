// SPDX-License-Identifier: Apache-2.0
// Imports and whole definitions as bytes to be taken out of a text. Python, JavaScript and TypeScript. Pure.
#pragma once

#include <optional>

#include "syntax/code_tree.hpp"

namespace oc::context {

struct ImportedName {
  int statement = -1;
  int item = -1;         // "b as c" of "from a import b as c"
  bool is_only = false;  // nothing else is imported by the statement
  bool is_from = false;  // taken out of a module by its name; else the module itself, or all of it
};

// Of a name in an import; nullopt: it is none of one.
std::optional<ImportedName> find_imported_name(const syntax::CodeTree& tree, const syntax::ByteRange& name);

// What goes when the name is imported no more: it and its comma, or the line.
syntax::ByteRange range_without_name(const syntax::CodeTree& tree, const ImportedName& name);

// The lines of a statement with the comment right above it …
syntax::ByteRange lines_with_comment(const syntax::CodeTree& tree, int statement);
// … and with the blank lines that would be too many without it.
syntax::ByteRange lines_to_remove(const syntax::CodeTree& tree, int statement);
// Does it share its lines with other code?
bool has_lines_alone(const syntax::CodeTree& tree, int statement);

}  // namespace oc::context
