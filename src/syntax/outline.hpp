// SPDX-License-Identifier: Apache-2.0
// What a source file declares, refers to and imports, read from its syntax tree. Text in, plain values out: no disk, no
// database. What a name stands for in another file is left to context.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/units.hpp"
#include "syntax/language.hpp"

namespace oc::syntax {

enum class SymbolKind {
  function,
  method,
  class_type,
  struct_type,
  union_type,
  interface_type,  // also protocols
  trait_type,
  enum_type,
  enum_member,
  type_alias,
  field,     // of a type: also properties
  variable,  // of a file, a module or a namespace; never a local one
  constant,
  macro,
  module,   // namespaces and packages too
  section,  // a heading of Markdown
  key,      // of JSON and YAML, the two upper levels
  rule,     // of CSS: a selector; of HTML: an id
  table,    // of SQL: tables and views
};

// The kind's word in JSON and for people: "function", "class" …
std::string_view to_string(SymbolKind kind);

// Bytes [begin, end) of the text.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const ByteRange&) const = default;
};

// declaration: says that the symbol exists, its body is elsewhere (a prototype, `extern`, an abstract method).
enum class SymbolForm { definition, declaration };

struct Symbol {
  SymbolKind kind = SymbolKind::function;
  SymbolForm form = SymbolForm::definition;
  std::string name;            // "parse"
  std::string qualified_name;  // "json.Parser.parse", "json::Parser::parse": as the language separates names
  ByteRange range;             // all of it with its decorators, attributes and template head, without the comment above
  base::LineRange lines;       // of `range`
  ByteRange name_range;
  std::optional<ByteRange> body;  // what may be left out to show the signature alone
  std::string signature;          // one line, blanks collapsed, no body, at most 240 bytes, whole characters
  std::string doc;     // the first paragraph of its doc comment or docstring, without markers, one line, ≤ 240 bytes
  int container = -1;  // index in Outline::symbols of the symbol round it; -1: the file itself
  bool operator==(const Symbol&) const = default;
};

enum class ReferenceKind { call, type, name };

// A use of a name that this text may not declare itself. Keywords, literals and the names of declarations are none.
struct Reference {
  std::string_view name;  // in the text that was given
  ReferenceKind kind = ReferenceKind::name;
  base::LineNumber line;
};

enum class ImportForm {
  module,    // a name to be looked for: "os.path", "react", "net/http", <stdio.h>
  relative,  // looked for beside this file first: "./util", "foo.h" in quotes, ".sibling" of Python, `mod x;`
};

struct Import {
  std::string target;              // as written, without quotes; Python keeps its leading dots
  std::vector<std::string> names;  // what is taken from it, where the language says so: "from a import b" → b
  ImportForm form = ImportForm::module;
  base::LineNumber line;
  bool operator==(const Import&) const = default;
};

// whole: all of the text was read. cut: the time was over, or it is nested too deeply; what is there is right, but not
// all there is.
enum class Coverage { whole, cut };

struct Outline {
  std::vector<Symbol> symbols;        // by position; a container stands before what it holds
  std::vector<Reference> references;  // by position
  std::vector<Import> imports;
  std::int64_t syntax_errors = 0;  // places where the tree has an error or misses something
  Coverage coverage = Coverage::whole;
};

struct OutlineLimits {
  std::chrono::milliseconds time{2000};
  base::CancelToken cancel;
};

struct NamePlaces;  // name_places.hpp

// Is there a grammar for the language? Without one a file has no outline, and can still be searched.
bool has_grammar(const Language& language);

// A parser for one thread; keeps its memory from one text to the next. Making one is cheap.
class OutlineReader {
 public:
  OutlineReader();
  ~OutlineReader();
  OutlineReader(OutlineReader&&) noexcept;
  OutlineReader& operator=(OutlineReader&&) noexcept;

  // nullopt: the language has no grammar. Any bytes are allowed. Linear in the text for usual code; never takes much
  // longer than the limit, never recurses with the depth of the text.
  std::optional<Outline> read(const Language& language, std::string_view text, const OutlineLimits& limits);

  // The same, and every place of these names. Their text is that which was given, and must outlive the places.
  std::optional<NamePlaces> find_names(const Language& language, std::string_view text,
                                       const std::set<std::string, std::less<>>& names, const OutlineLimits& limits);

  // Errors alone, cheaper: for "does this change make it worse?". nullopt: no grammar, or not all could be read.
  struct SyntaxError {
    base::LineNumber line;
    std::string what;  // "missing ')'", "unexpected 'els'": at most 80 bytes
  };
  std::optional<std::vector<SyntaxError>> find_errors(const Language& language, std::string_view text,
                                                      const OutlineLimits& limits);

 private:
  struct State;
  State* state_ = nullptr;
};

// The innermost symbol whose lines hold the line, preferring what has a body; -1: none. Linear in the symbols.
int find_enclosing_symbol(const Outline& outline, base::LineNumber line);

}  // namespace oc::syntax
