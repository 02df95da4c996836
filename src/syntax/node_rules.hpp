// SPDX-License-Identifier: Apache-2.0
// How the tables of the languages are written (rules_*.cpp): what a walk through a syntax tree does at each kind of
// node. Only src/syntax includes this; the kinds and fields are named as in the grammar's node-types.json.
#pragma once

#include <tree_sitter/api.h>

#include <span>
#include <string_view>

#include "syntax/outline.hpp"

namespace oc::syntax {

class TreeWalk;

// What an identifier stands for where it is. Roles flow down: a rule gives one to each child.
enum class Role {
  none,         // names what is being declared, or means nothing outside: no reference
  local,        // declares a local name; from here to the end of the function it is no reference
  name,         // a use
  call,         // … that is called
  type,         // … as a type
  member,       // a use behind a dot: never a local name
  member_call,  // … that is called
  inherit,      // in tables: the role that the node itself has
  tail,         // in tables: `b` of `a.b`: the node's role, as a member
};

enum class Step {
  enter,      // nothing of its own: look at the children
  skip,       // nothing in it is of interest
  leaf,       // an identifier: a reference as its role says
  define,     // a symbol: rule.kind, rule.name, rule.body
  wrap,       // stands round a definition and belongs to its range: `export`, `template <…>`
  decorate,   // like wrap, but what comes before the definition is not for its signature: @decorator
  attribute,  // stands before the definition, beside it or as its first child: #[derive(…)], @Override
  modifiers,  // a first child that holds attributes among other words
  comment,
  end_wrap,  // a token that ends what `wrap` does: the parenthesis of `const ( … )`
};

enum class Descend { yes, no };
// Does what a table cannot say. `yes`: the children are visited as the rest of the rule says.
using Handler = Descend (*)(TreeWalk& walk, const TSNode& node);

// Flags of a definition.
enum Trait : unsigned {
  k_function = 1,       // names declared inside are local
  k_needs_body = 2,     // without a body it is a use, not a definition
  k_declaration = 4,    // SymbolForm::declaration
  k_docstring = 8,      // the text at the beginning of the body is its documentation
  k_no_scope = 16,      // what is inside is not named after it
  k_not_local = 32,     // inside a function it is no symbol
  k_body_decides = 64,  // a declaration if there is no body
  k_reads = 128,        // of others = inherit: does not declare what is in it: `a[i] = 1`
};

struct NodeRule {
  std::string_view nodes;  // kinds of node, separated by blanks; anonymous ones as they are written: "("
  Step step = Step::enter;
  SymbolKind kind = SymbolKind::function;
  std::string_view fields = {};    // "function=call type=type": roles of the children by field
  Role others = Role::name;        // role of the other children; of a leaf: what it is where its parent says `name`
  Handler handler = nullptr;       // called first
  std::string_view name = "name";  // the field of a definition's name
  std::string_view body = "body";
  unsigned traits = 0;
};

struct LanguageRules {
  std::string_view language;  // Language::id
  const TSLanguage* (*grammar)();
  std::span<const NodeRule> rules;
  std::string_view module_separator = ".";  // between a module and what it holds, and before a type
  std::string_view member_separator = ".";  // between a type and its members
};

// nullptr: there is no grammar.
const LanguageRules* find_rules(std::string_view language_id);

}  // namespace oc::syntax
