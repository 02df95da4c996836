// SPDX-License-Identifier: Apache-2.0
// One file, measured: what is left of its syntax tree when the text is gone. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "quality/clones.hpp"
#include "syntax/code_measures.hpp"

namespace oc::quality {

struct MeasuredFunction {
  std::string name;  // qualified
  base::LineRange lines;
  std::int64_t code_lines = 0, nesting = 0, complexity = 1, parameters = 0;
};

struct MarkedComment {
  std::string word;  // the mark as it stands there
  base::LineNumber line;
  std::string text;  // what follows, one line, at most 120 bytes
};

// A symbol that nothing in its own file uses, and that no other file is meant to use.
struct PrivateSymbol {
  std::string name, qualified_name;
  syntax::SymbolKind kind = syntax::SymbolKind::function;
  base::LineRange lines;
  bool is_certain = false;  // the language keeps others out: `static`, `private`
};

struct PublicFunction {
  std::string name, qualified_name;
  base::LineRange lines;
  std::int64_t complexity = 1;
};

struct MeasuredFile {
  std::string path;  // as in the index
  std::string language;
  std::int64_t lines = 0;
  std::int64_t syntax_errors = 0;
  std::vector<MeasuredFunction> functions;
  std::vector<MarkedComment> marks;
  std::vector<PrivateSymbol> unused_here;
  std::vector<PublicFunction> public_functions;
  std::vector<base::LineNumber> conflict_marks;  // "<<<<<<< " that somebody forgot
  FileTokens tokens;
};

// nullopt: the language has no functions, or reading took too long.
std::optional<MeasuredFile> measure_file(std::string path, std::string_view text, syntax::MeasureReader& reader,
                                         const base::CancelToken& cancel);

}  // namespace oc::quality
