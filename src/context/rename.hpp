// SPDX-License-Identifier: Apache-2.0
// Another name for a symbol: the places that certainly mean it, and those that may. Texts in, values out; reads no
// file. Who knows the types of things may be asked through a function. Knows Python, JavaScript and TypeScript, C and
// C++, Go, Rust and Java.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
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
  std::string kind;                  // "function"
  std::string symbol;                // the qualified name
  std::vector<RenamePlace> places;   // by path and position
  std::vector<RenameDoubt> doubts;   // by path and line, a line and reason once
  std::string witness;               // who was heard; "": nobody
  std::vector<RenameDoubt> unnamed;  // of the places, those that the witness did not name
};

// A place of the old name.
struct RenameSpot {
  std::string path;
  syntax::ByteRange range;
  auto operator<=>(const RenameSpot& other) const {
    return std::tie(path, range.begin, range.end) <=> std::tie(other.path, other.range.begin, other.range.end);
  }
  bool operator==(const RenameSpot&) const = default;
};

// What somebody says who knows more of the types than the syntax tree. It is evidence, not truth: a place that is not
// code stays as it is, a place that is certain without it is changed without it.
struct RenameTestimony {
  std::string witness;                       // "clangd"
  std::vector<RenameSpot> named;             // these mean the symbol
  std::map<RenameSpot, std::string> others;  // these mean something else: "it is the one at b.py:3"
  std::vector<RenameDoubt> refused;          // what was said and cannot be believed
};

// Gets the declarations, and the places in code that are in doubt. nullopt: it has nothing to say; who asked was told.
using RenameWitness = std::function<base::Result<std::optional<RenameTestimony>>(
    std::span<const RenameSpot> declarations, std::span<const RenameSpot> doubts)>;

// "app.Parser::next" → "next".
std::string_view last_part_of_name(std::string_view qualified);

// Is the language one of those above?
bool can_rename(const syntax::Language& language);

// Kind `usage`: there is no such symbol, there are several (their places are named), the language is none of those
// above, the new name is no name there or is taken. The witness is asked last, and only about a rename that is fine
// without it; its errors are passed on. Cost: each file is parsed once or twice.
base::Result<RenamePlan> plan_rename(const RenameRequest& request, const base::CancelToken& cancel,
                                     const RenameWitness& witness = {});

}  // namespace oc::context
