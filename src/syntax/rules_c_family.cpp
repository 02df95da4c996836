// SPDX-License-Identifier: Apache-2.0
// C and C++: names hide at the end of a chain of declarators, so declarations are read by hand.
#include <algorithm>

#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_c();
extern "C" const TSLanguage* tree_sitter_cpp();

namespace oc::syntax {
namespace {

// No declaration that people write has a longer chain; what a fuzzer writes does.
constexpr int k_longest_chain = 64;

struct DeclaredName {
  TSNode name{};
  std::string_view qualifier;  // "A::B" of `A::B::f`
  std::string_view shown;      // "operator int": not one node
  bool is_function = false;
};

// `ns::A<T>::f` → f, qualified by "ns::A<T>".
DeclaredName find_qualified_name(const TreeWalk& walk, const TSNode& node) {
  DeclaredName found;
  TSNode inner = node;
  for (int i = 0; i < k_longest_chain && walk.is_kind(inner, {"qualified_identifier"}); ++i)
    inner = TreeWalk::field(inner, "name");
  if (ts_node_is_null(inner) || walk.is_kind(inner, {"qualified_identifier"})) return found;
  found.name = inner;
  const std::uint32_t begin = ts_node_start_byte(node);
  const std::uint32_t end = ts_node_start_byte(inner);
  if (end <= begin || end > walk.whole_text().size()) return found;
  found.qualifier = walk.whole_text().substr(begin, end - begin);
  while (found.qualifier.ends_with(':') || found.qualifier.ends_with(' ')) found.qualifier.remove_suffix(1);
  while (found.qualifier.starts_with(':')) found.qualifier.remove_prefix(1);
  return found;
}

// The name at the end of `*(&x[3])(int)`. It is a function's if the declarator next to the name is one.
DeclaredName find_declared_name(const TreeWalk& walk, TSNode node) {
  DeclaredName found;
  bool is_function = false;
  for (int i = 0; i < k_longest_chain && !ts_node_is_null(node); ++i) {
    const std::string_view kind = walk.kind(node);
    if (kind == "identifier" || kind == "field_identifier" || kind == "type_identifier" || kind == "destructor_name" ||
        kind == "operator_name" || kind == "primitive_type") {
      found.name = node;
      break;
    }
    if (kind == "qualified_identifier") {
      found = find_qualified_name(walk, node);
      if (!walk.is_kind(found.name, {"operator_cast"})) break;
      node = found.name;
      continue;
    }
    if (kind == "operator_cast") {
      found.name = node;
      const std::string_view text = walk.text(node);
      found.shown = text.substr(0, text.find('('));
      is_function = true;
      break;
    }
    if (kind == "template_function" || kind == "template_method") {
      node = TreeWalk::field(node, "name");
      continue;
    }
    if (kind != "parenthesized_declarator" && kind != "attributed_declarator")
      is_function = kind == "function_declarator";
    TSNode next = TreeWalk::field(node, "declarator");
    if (ts_node_is_null(next)) {  // reference_declarator, parenthesized_declarator and others name no field
      const std::uint32_t count = std::min(ts_node_named_child_count(node), 8U);
      for (std::uint32_t child = count; child > 0 && ts_node_is_null(next); --child) {
        const TSNode candidate = ts_node_named_child(node, child - 1);
        if (walk.kind(candidate).ends_with("declarator") || walk.kind(candidate).ends_with("identifier") ||
            walk.is_kind(candidate, {"operator_name", "destructor_name"}))
          next = candidate;
      }
    }
    node = next;
  }
  found.is_function = is_function;
  return found;
}

Descend read_function(TreeWalk& walk, const TSNode& node) {
  const DeclaredName found = find_declared_name(walk, TreeWalk::field(node, "declarator"));
  if (ts_node_is_null(found.name)) {
    walk.open_scope({});
    return Descend::yes;
  }
  const bool is_member = !found.qualifier.empty();
  walk.define({.kind = is_member ? SymbolKind::method : SymbolKind::function,
               .node = node,
               .name = found.name,
               .body = TreeWalk::field(node, "body"),
               .qualifier = found.qualifier,
               .shown_name = found.shown,
               .traits = k_function});
  return Descend::yes;
}

bool has_word(const TreeWalk& walk, const TSNode& node, std::string_view word) {
  const std::uint32_t count = std::min(ts_node_named_child_count(node), 8U);
  for (std::uint32_t i = 0; i < count; ++i) {
    const TSNode child = ts_node_named_child(node, i);
    if (walk.is_kind(child, {"storage_class_specifier", "type_qualifier"}) && walk.text(child) == word) return true;
  }
  return false;
}

// Variables, fields and prototypes: each declarator is a symbol. Inside functions they are local names.
Descend read_declaration(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const bool is_field = walk.is_kind(node, {"field_declaration"});
  const bool is_extern = has_word(walk, node, "extern");
  const bool is_constant = has_word(walk, node, "constexpr") || has_word(walk, node, "const");
  walk.for_each_child(node, "declarator", [&](const TSNode& declarator) {
    const DeclaredName found = find_declared_name(walk, declarator);
    if (ts_node_is_null(found.name)) return;
    SymbolKind kind = found.is_function ? SymbolKind::function : SymbolKind::variable;
    if (is_field && !found.is_function) kind = SymbolKind::field;
    if (!found.is_function && !is_field && is_constant) kind = SymbolKind::constant;
    const bool is_value = walk.is_kind(declarator, {"init_declarator"});
    walk.define(
        {.kind = kind,
         .node = node,
         .name = found.name,
         .qualifier = found.qualifier,
         .shown_name = found.shown,
         .form = found.is_function || (is_extern && !is_value) ? SymbolForm::declaration : SymbolForm::definition,
         .traits = k_no_scope});
  });
  return Descend::yes;
}

// `typedef struct { … } A, *B;`: a struct without a name gets the first one.
Descend read_typedef(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const TSNode type = TreeWalk::field(node, "type");
  const TSNode body = TreeWalk::field(type, "body");
  bool names_type = walk.is_kind(type, {"struct_specifier", "union_specifier", "enum_specifier", "class_specifier"}) &&
                    !ts_node_is_null(body) && ts_node_is_null(TreeWalk::field(type, "name"));
  std::vector<DeclaredName> aliases;
  walk.for_each_child(node, "declarator", [&](const TSNode& declarator) {
    const DeclaredName found = find_declared_name(walk, declarator);
    if (ts_node_is_null(found.name)) return;
    if (names_type && walk.is_kind(declarator, {"type_identifier"})) {
      const SymbolKind kind = walk.is_kind(type, {"struct_specifier"})  ? SymbolKind::struct_type
                              : walk.is_kind(type, {"union_specifier"}) ? SymbolKind::union_type
                                                                        : SymbolKind::enum_type;
      walk.define({.kind = kind, .node = node, .name = found.name, .body = body});
      names_type = false;
    } else {
      aliases.push_back(found);
    }
  });
  for (const DeclaredName& alias : aliases)
    walk.define({.kind = SymbolKind::type_alias, .node = node, .name = alias.name, .body = body, .traits = k_no_scope});
  return Descend::yes;
}

// `class A final : B { … }`, `struct ns::A { … }`; without a body it is a use.
Descend read_type(TreeWalk& walk, const TSNode& node) {
  const TSNode body = TreeWalk::field(node, "body");
  const TSNode name = TreeWalk::field(node, "name");
  if (ts_node_is_null(body) || ts_node_is_null(name)) return Descend::yes;
  DeclaredName found{.name = name, .qualifier = {}, .shown = {}};
  if (walk.is_kind(name, {"qualified_identifier"})) found = find_qualified_name(walk, name);
  if (walk.is_kind(found.name, {"template_type"})) found.name = TreeWalk::field(found.name, "name");
  if (ts_node_is_null(found.name)) return Descend::yes;
  const SymbolKind kind = walk.is_kind(node, {"class_specifier"})    ? SymbolKind::class_type
                          : walk.is_kind(node, {"struct_specifier"}) ? SymbolKind::struct_type
                          : walk.is_kind(node, {"union_specifier"})  ? SymbolKind::union_type
                                                                     : SymbolKind::enum_type;
  walk.define({.kind = kind, .node = node, .name = found.name, .body = body, .qualifier = found.qualifier});
  return Descend::yes;
}

Descend read_namespace(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  if (!ts_node_is_null(name))
    walk.define({.kind = SymbolKind::module, .node = node, .name = name, .body = TreeWalk::field(node, "body")});
  return Descend::yes;
}

Descend read_macro(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const std::string_view word = walk.text(name);
  const bool is_guard = ts_node_is_null(TreeWalk::field(node, "value")) && walk.is_kind(node, {"preproc_def"}) &&
                        (word.ends_with("_H") || word.ends_with("_H_") || word.ends_with("_H__") ||
                         word.ends_with("_HPP") || word.ends_with("_HPP_") || word.ends_with("_INCLUDED"));
  if (is_guard) return Descend::no;
  const bool takes_arguments = walk.is_kind(node, {"preproc_function_def"});
  walk.define({.kind = SymbolKind::macro,
               .node = node,
               .name = name,
               .body = takes_arguments ? TreeWalk::field(node, "value") : TSNode{},
               .traits = k_no_scope});
  return Descend::no;
}

Descend read_include(TreeWalk& walk, const TSNode& node) {
  const TSNode path = TreeWalk::field(node, "path");
  if (walk.is_kind(path, {"string_literal", "system_lib_string"}))
    walk.import(node, without_quotes(walk.text(path)),
                walk.is_kind(path, {"string_literal"}) ? ImportForm::relative : ImportForm::module);
  return Descend::no;
}

constexpr NodeRule k_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "template_declaration", .step = Step::wrap},
    {.nodes = "function_definition", .fields = "declarator=none", .handler = read_function},
    {.nodes = "declaration field_declaration",
     .fields = "declarator=local default_value=name",
     .handler = read_declaration},
    {.nodes = "type_definition", .step = Step::wrap, .fields = "declarator=none", .handler = read_typedef},
    {.nodes = "struct_specifier class_specifier union_specifier enum_specifier",
     .fields = "name=none",
     .handler = read_type},
    {.nodes = "namespace_definition", .fields = "name=none", .handler = read_namespace},
    {.nodes = "enumerator",
     .step = Step::define,
     .kind = SymbolKind::enum_member,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "alias_declaration",
     .step = Step::define,
     .kind = SymbolKind::type_alias,
     .fields = "name=none",
     .traits = k_no_scope | k_not_local},
    {.nodes = "concept_definition",
     .step = Step::define,
     .kind = SymbolKind::type_alias,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "namespace_alias_definition", .fields = "name=none"},
    {.nodes = "preproc_def preproc_function_def", .handler = read_macro},
    {.nodes = "preproc_include", .handler = read_include},
    {.nodes = "preproc_ifdef preproc_elifdef", .fields = "name=none"},
    {.nodes = "preproc_if preproc_elif", .fields = "condition=none"},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "type_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "namespace_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "field_identifier", .step = Step::leaf, .others = Role::member},
    {.nodes = "call_expression", .fields = "function=call"},
    {.nodes = "field_expression", .fields = "argument=name field=tail"},
    {.nodes = "qualified_identifier", .fields = "scope=type name=tail"},
    {.nodes = "template_function template_method template_type", .fields = "name=inherit"},
    {.nodes = "dependent_name", .others = Role::inherit},
    {.nodes = "init_declarator", .fields = "declarator=inherit value=name"},
    {.nodes = "pointer_declarator function_declarator array_declarator attributed_declarator",
     .fields = "declarator=inherit"},
    {.nodes = "parenthesized_declarator reference_declarator structured_binding_declarator variadic_declarator "
              "operator_cast destructor_name operator_name pointer_type_declarator",
     .others = Role::inherit},
    {.nodes = "parameter_declaration optional_parameter_declaration variadic_parameter_declaration for_range_loop",
     .fields = "declarator=local"},
    {.nodes = "type_parameter_declaration variadic_type_parameter_declaration", .others = Role::local},
    {.nodes = "optional_type_parameter_declaration", .fields = "name=local"},
    {.nodes = "lambda_expression", .fields = "declarator=none", .handler = open_unnamed_function},
    {.nodes = "lambda_capture_initializer", .fields = "left=local"},
    {.nodes = "field_designator attribute", .others = Role::none},
    {.nodes = "labeled_statement goto_statement", .fields = "label=none"},
    {.nodes =
         "string_literal raw_string_literal char_literal number_literal system_lib_string preproc_arg primitive_type "
         "storage_class_specifier access_specifier",
     .step = Step::skip},
};

}  // namespace

const LanguageRules& c_rules() {
  static const LanguageRules rules{
      .language = "c", .grammar = tree_sitter_c, .rules = k_rules, .module_separator = "::", .member_separator = "::"};
  return rules;
}

const LanguageRules& cpp_rules() {
  static const LanguageRules rules{.language = "cpp",
                                   .grammar = tree_sitter_cpp,
                                   .rules = k_rules,
                                   .module_separator = "::",
                                   .member_separator = "::"};
  return rules;
}

}  // namespace oc::syntax
