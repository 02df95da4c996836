// SPDX-License-Identifier: Apache-2.0
// Is the code of an answer the whole of a file, or a part of it? Strict: what a part leaves out must not be lost.
#pragma once

#include <optional>
#include <string_view>

#include "edit/code_place.hpp"
#include "edit/symbol_match.hpp"
#include "edit/symbol_tree.hpp"

namespace oc::edit {

enum class WholeFile { yes, no };

// yes: it was asked for, or the code defines all that the file does, begins and ends as it does and has most of the
// rest, with no fewer lines than it lacks. no: also where "..." stands for something. Refused: functions without a body
// that have one in the file.
OrRefusal<WholeFile> find_whole_file(const SymbolTree& file, const SymbolTree& code, const SymbolMatch& match,
                                     CodeScope scope);

// The first line of the file that belongs to no symbol and is not in the code; comments and brackets do not count.
std::optional<std::string_view> find_lost_line(const SymbolTree& file, const SymbolTree& code);

}  // namespace oc::edit
