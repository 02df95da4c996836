// SPDX-License-Identifier: Apache-2.0
// Another name for a symbol: the places that certainly mean it, and those that may. Texts in, values out; reads no
// file, asks no language server. Knows Python, JavaScript and TypeScript, C and C++, Go, Rust and Java.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/units.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::context {

struct RenameFile {
  std::string path;  // as in the index
  std::string text;  // as on disk
  const syntax::Language* language = nullptr;
};

struct RenameRequest {
  std::string old_name;  // plain or qualified
  std::string new_name;
  std::string file;                                          // where the symbol is declared; "": anywhere
  std::vector<RenameFile> files;                             // all that hold either name, plain
  std::vector<std::string> paths;                            // of all files of the project: what an import may lead to
  std::map<std::string, std::vector<std::string>> includes;  // of C and C++, also through files that hold neither name
};

struct RenamePlace {
  std::string path;
  base::LineNumber line;
  syntax::ByteRange range;  // of the file's text …
  std::string text;         // … and what shall stand there
};

struct RenameDoubt {
  std::string path;
  base::LineNumber line;
  std::string reason;
};

struct RenamePlan {
  std::string kind;                 // "function"
  std::string symbol;               // the qualified name
  std::vector<RenamePlace> places;  // by path and position
  std::vector<RenameDoubt> doubts;  // by path and line, a line and reason once
};

// "app.Parser::next" → "next".
std::string_view last_part_of_name(std::string_view qualified);

// Is the language one of those above?
bool can_rename(const syntax::Language& language);

// Kind `usage`: there is no such symbol, there are several (their places are named), the language is none of those
// above, the new name is no name there or is taken. Cost: each file is parsed once or twice.
base::Result<RenamePlan> plan_rename(const RenameRequest& request, const base::CancelToken& cancel);

}  // namespace oc::context
