// SPDX-License-Identifier: Apache-2.0
// Every place of some names in a text, with what the syntax tree says about each: how it stands there and in which
// scope. What a name means across files is left to context.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/outline.hpp"

namespace oc::syntax {

enum class NameRole {
  declared,   // the name of NamePlace::symbol
  local,      // declares a name of its scope that is no symbol: a parameter, a variable of a function
  plain,      // stands for itself
  member,     // behind the dot or the arrow of `object`
  qualified,  // behind the "::" of `object`, or as the type of a package
  imported,   // in an import
  key,        // names a field, an argument or a label where no name is looked up: `f(name=1)`, `{name: 1}`
  text,       // not code: see NamePlace::text
};

enum class TextKind { comment, string, macro, other };
enum class ScopeKind { file, type, function, block };

struct NamePlace {
  std::string_view name;  // in the text that was given
  ByteRange range;
  base::LineNumber line;
  NameRole role = NameRole::plain;
  TextKind text = TextKind::other;
  int symbol = -1;          // declared: index in the outline
  int within = -1;          // the innermost symbol round it, itself left out; -1: none
  std::string_view object;  // of a key: the type of the literal that it stands in
  ScopeKind scope_kind = ScopeKind::file;
  ByteRange scope;      // the innermost one round it; of a declaration: the one that it declares for
  ByteRange statement;  // the part of the scope that holds it; of an import: all of it
  base::LineNumber statement_line;
  bool is_short = false;      // stands for a key and its value at once: `{name}`
  bool is_aliased = false;    // an import takes it under another name
  bool is_alias = false;      // … and this is the other name
  bool is_parameter = false;  // … declared among the parameters
  bool is_callee = false;     // it is called
  bool is_global = false;     // Python's `global name`: the function means the file's name
  bool is_of_trait = false;   // Rust: declared in an implementation of a trait
  bool is_broken = false;     // near a syntax error: the tree may be wrong
};

struct NamePlaces {
  Outline outline;
  std::vector<NamePlace> places;  // by position
};

}  // namespace oc::syntax
