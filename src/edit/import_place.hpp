// SPDX-License-Identifier: Apache-2.0
// The imports that an answer's code brings with it.
#pragma once

#include <vector>

#include "edit/line_replacement.hpp"
#include "edit/symbol_tree.hpp"

namespace oc::edit {

// Those of the code that the file lacks, a line each, behind the file's own; one that takes more names from the same
// place takes the place of the old one. Refused: one that spans several lines, or whose names are others.
OrRefusal<std::vector<LineReplacement>> place_imports(const SymbolTree& file, const SymbolTree& code);

}  // namespace oc::edit
