// SPDX-License-Identifier: Apache-2.0
// Where a block of code belongs in a file: all of it, or the symbols that it defines. Strict: each symbol has exactly
// one place, what the block leaves out is never taken for deleted. Reads both with tree-sitter; touches no file.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "edit/line_replacement.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::edit {

// What whoever asked for the code asked for.
enum class CodeScope {
  unknown,     // found out by comparing
  whole_file,  // the block is the file's new text
};

struct CodePlaceOptions {
  const syntax::Language* language = nullptr;  // of the file; null: unknown
  CodeScope scope = CodeScope::unknown;
  std::string symbol;  // qualified or plain name of the one symbol that the code is for; "": whatever it defines
};

// `file` and `code` with LF line ends. The outcome:
// - the whole file, where the code was asked for as such or looks like all of it (whole_file.hpp);
// - the symbols that the code defines, each in the place of the one of that name; new ones beside the one that stands
//   beside them in the code; imports that the file lacks behind its own. Comments above and decorators that the code
//   does not bring stay;
// - a Refusal with the reason: no place, several, lines that belong to no symbol, members or bodies left out without
//   "...", another function's parameters.
// Time grows with the lengths, and with the product of the numbers of symbols.
OrRefusal<std::vector<LineReplacement>> place_code(std::string_view file, std::string_view code,
                                                   const CodePlaceOptions& options);

}  // namespace oc::edit
