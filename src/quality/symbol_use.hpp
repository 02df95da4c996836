// SPDX-License-Identifier: Apache-2.0
// Which symbols are used, and which tested, as far as names tell. Whatever somebody outside may use, and whatever a
// tool calls by itself, is never said to be unused: exported, decorated, overriding, entry points, tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "context/project_index.hpp"
#include "quality/measured_file.hpp"

namespace oc::quality {

// Pure; linear in the tokens.
std::vector<PrivateSymbol> find_unused_here(std::string_view path, std::string_view language, std::string_view text,
                                            const syntax::CodeMeasures& measures);
// Functions and methods that others may call, and so a test.
std::vector<PublicFunction> find_public_functions(std::string_view path, std::string_view language,
                                                  std::string_view text, const syntax::CodeMeasures& measures);

struct SymbolPlace {
  std::size_t file = 0;  // in the files given
  std::size_t symbol = 0;
};

struct SymbolUse {
  std::vector<SymbolPlace> unused;    // of MeasuredFile::unused_here: no other file names them either
  std::vector<SymbolPlace> untested;  // of MeasuredFile::public_functions: no file of tests names them
  bool has_tests = false;             // without any, nothing is said to be untested
};

// Asks the index who names them. Looks at all files of it once.
base::Result<SymbolUse> find_symbol_use(const std::vector<MeasuredFile>& files, context::ProjectIndex& index);

}  // namespace oc::quality
