// SPDX-License-Identifier: Apache-2.0
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_go();
extern "C" const TSLanguage* tree_sitter_rust();

namespace oc::syntax {
namespace {

Descend read_go_package(TreeWalk& walk, const TSNode& node) {
  const TSNode name = walk.find_child(node, {"package_identifier"});
  if (ts_node_is_null(name)) return Descend::no;
  walk.define({.kind = SymbolKind::module, .node = node, .name = name, .traits = k_no_scope});
  walk.qualify_rest(walk.text(name));
  return Descend::no;
}

Descend read_go_import(TreeWalk& walk, const TSNode& node) {
  const std::string_view target = without_quotes(walk.text(TreeWalk::field(node, "path")));
  walk.import(node, target, import_form_of_path(target));
  return Descend::no;
}

// `func (q *Queue[T]) Put(…)`: q's type qualifies the name.
Descend read_go_method(TreeWalk& walk, const TSNode& node) {
  TSNode type = walk.find_child(TreeWalk::field(node, "receiver"), {"parameter_declaration"});
  if (!ts_node_is_null(type)) type = TreeWalk::field(type, "type");
  for (int i = 0; i < 4 && walk.is_kind(type, {"pointer_type", "parenthesized_type", "generic_type"}); ++i)
    type = ts_node_named_child(type, 0);
  walk.define({.kind = SymbolKind::method,
               .node = node,
               .name = TreeWalk::field(node, "name"),
               .body = TreeWalk::field(node, "body"),
               .qualifier = walk.is_kind(type, {"type_identifier"}) ? walk.text(type) : std::string_view(),
               .traits = k_function});
  return Descend::yes;
}

Descend read_go_type(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const TSNode type = TreeWalk::field(node, "type");
  SymbolKind kind = SymbolKind::type_alias;
  TSNode body{};
  if (walk.is_kind(type, {"struct_type"})) {
    kind = SymbolKind::struct_type;
    body = walk.find_child(type, {"field_declaration_list"});
  } else if (walk.is_kind(type, {"interface_type"})) {
    kind = SymbolKind::interface_type;
    body = type;
  }
  walk.define({.kind = kind, .node = node, .name = TreeWalk::field(node, "name"), .body = body});
  return Descend::yes;
}

// `a, b int`, `const x, y = 1, 2`: each name is a symbol.
Descend read_go_names(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const bool is_field = walk.is_kind(node, {"field_declaration"});
  if (is_field && !walk.is_in_type()) return Descend::yes;
  const SymbolKind kind = is_field                             ? SymbolKind::field
                          : walk.is_kind(node, {"const_spec"}) ? SymbolKind::constant
                                                               : SymbolKind::variable;
  walk.for_each_child(node, "name", [&](const TSNode& name) {
    if (walk.text(name) != "_") walk.define({.kind = kind, .node = node, .name = name, .traits = k_no_scope});
  });
  return Descend::yes;
}

constexpr NodeRule k_go_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "package_clause", .handler = read_go_package},
    {.nodes = "import_spec", .handler = read_go_import},
    {.nodes = "type_declaration const_declaration var_declaration", .step = Step::wrap},
    {.nodes = "(", .step = Step::end_wrap},
    {.nodes = "function_declaration", .step = Step::define, .fields = "name=none", .traits = k_function},
    {.nodes = "method_declaration", .fields = "name=none", .handler = read_go_method},
    {.nodes = "method_elem",
     .step = Step::define,
     .fields = "name=none",
     .traits = k_function | k_declaration | k_not_local},
    {.nodes = "type_spec type_alias", .fields = "name=none", .handler = read_go_type},
    {.nodes = "field_declaration", .fields = "name=none", .handler = read_go_names},
    {.nodes = "const_spec var_spec", .fields = "name=local", .handler = read_go_names},
    {.nodes = "func_literal", .handler = open_unnamed_function},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "type_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "field_identifier", .step = Step::leaf, .others = Role::member},
    {.nodes = "call_expression", .fields = "function=call"},
    {.nodes = "selector_expression", .fields = "operand=name field=tail"},
    {.nodes = "parenthesized_expression", .others = Role::inherit},
    {.nodes = "type_instantiation_expression", .others = Role::inherit},
    {.nodes = "qualified_type", .fields = "package=name name=type"},
    {.nodes = "parameter_declaration variadic_parameter_declaration", .fields = "name=local"},
    {.nodes = "type_parameter_declaration", .fields = "name=local"},
    {.nodes = "short_var_declaration range_clause receive_statement", .fields = "left=local"},
    {.nodes = "expression_list", .others = Role::inherit},
    {.nodes = "type_switch_statement", .fields = "alias=local"},
    {.nodes = "keyed_element", .fields = "key=name value=name"},
    {.nodes = "interpreted_string_literal raw_string_literal rune_literal int_literal float_literal label_name "
              "package_identifier nil true false iota blank_identifier",
     .step = Step::skip},
};

// `use a::b::{c, d as e};`: one import for each path before a brace.
void read_rust_use(TreeWalk& walk, const TSNode& at, const TSNode& tree, const std::string& outer, int depth) {
  constexpr int k_deepest_use = 16;
  if (ts_node_is_null(tree) || depth > k_deepest_use) return;
  const auto joined = [&](std::string_view path) {
    return outer.empty() ? std::string(path) : outer + "::" + std::string(path);
  };
  const auto form = [](std::string_view path) {
    const bool is_near = path.starts_with("self") || path.starts_with("super") || path.starts_with("crate");
    return is_near ? ImportForm::relative : ImportForm::module;
  };
  const std::string_view kind = walk.kind(tree);
  if (kind == "use_list") {
    std::vector<std::string> names;
    walk.for_each_child(tree, "", [&](const TSNode& part) {
      const TSNode path = walk.is_kind(part, {"use_as_clause"}) ? TreeWalk::field(part, "path") : part;
      if (walk.is_kind(path, {"identifier", "self"})) {
        names.emplace_back(walk.text(path));
      } else {
        read_rust_use(walk, at, path, outer, depth + 1);
      }
    });
    if (!names.empty()) walk.import(at, outer, form(outer), std::move(names));
  } else if (kind == "scoped_use_list") {
    const std::string path = joined(walk.text(TreeWalk::field(tree, "path")));
    read_rust_use(walk, at, TreeWalk::field(tree, "list"), path, depth + 1);
  } else if (kind == "use_as_clause") {
    read_rust_use(walk, at, TreeWalk::field(tree, "path"), outer, depth + 1);
  } else if (kind == "use_wildcard") {
    const std::string path = joined(walk.text(ts_node_named_child(tree, 0)));
    walk.import(at, path, form(path), {"*"});
  } else if (kind == "scoped_identifier") {
    const std::string path = joined(walk.text(TreeWalk::field(tree, "path")));
    walk.import(at, path, form(path), {std::string(walk.text(TreeWalk::field(tree, "name")))});
  } else {
    const std::string path = joined(walk.text(tree));
    walk.import(at, path, form(path));
  }
}

Descend read_rust_use_declaration(TreeWalk& walk, const TSNode& node) {
  read_rust_use(walk, node, TreeWalk::field(node, "argument"), {}, 0);
  return Descend::no;
}

// `mod tests { … }` holds its items; `mod queue;` is a file beside this one.
Descend read_rust_module(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const TSNode body = TreeWalk::field(node, "body");
  if (ts_node_is_null(body)) {
    walk.import(node, walk.text(name), ImportForm::relative);
    return Descend::no;
  }
  walk.define({.kind = SymbolKind::module, .node = node, .name = name, .body = body});
  return Descend::yes;
}

// `impl<T> Trait for Queue<T>`: no symbol of its own, its functions are the type's.
Descend read_rust_impl(TreeWalk& walk, const TSNode& node) {
  TSNode type = TreeWalk::field(node, "type");
  for (int i = 0; i < 4 && walk.is_kind(type, {"generic_type", "reference_type"}); ++i)
    type = TreeWalk::field(type, "type");
  walk.open_scope(walk.is_kind(type, {"type_identifier", "scoped_type_identifier", "primitive_type"}) ? walk.text(type)
                                                                                                      : "impl");
  return Descend::yes;
}

constexpr NodeRule k_rust_rules[] = {
    {.nodes = "line_comment block_comment", .step = Step::comment},
    {.nodes = "attribute_item", .step = Step::attribute},
    {.nodes = "inner_attribute_item", .step = Step::skip},
    {.nodes = "function_item", .step = Step::define, .fields = "name=none", .traits = k_function},
    {.nodes = "function_signature_item",
     .step = Step::define,
     .fields = "name=none",
     .traits = k_function | k_declaration},
    {.nodes = "struct_item", .step = Step::define, .kind = SymbolKind::struct_type, .fields = "name=none"},
    {.nodes = "union_item", .step = Step::define, .kind = SymbolKind::union_type, .fields = "name=none"},
    {.nodes = "enum_item", .step = Step::define, .kind = SymbolKind::enum_type, .fields = "name=none"},
    {.nodes = "enum_variant", .step = Step::define, .kind = SymbolKind::enum_member, .fields = "name=none"},
    {.nodes = "trait_item", .step = Step::define, .kind = SymbolKind::trait_type, .fields = "name=none"},
    {.nodes = "type_item associated_type",
     .step = Step::define,
     .kind = SymbolKind::type_alias,
     .fields = "name=none",
     .traits = k_no_scope | k_not_local},
    {.nodes = "const_item static_item",
     .step = Step::define,
     .kind = SymbolKind::constant,
     .fields = "name=local",
     .traits = k_no_scope | k_not_local},
    {.nodes = "field_declaration",
     .step = Step::define,
     .kind = SymbolKind::field,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "macro_definition",
     .step = Step::define,
     .kind = SymbolKind::macro,
     .fields = "name=none",
     .others = Role::none,
     .traits = k_no_scope},
    {.nodes = "macro_rule", .step = Step::skip},
    {.nodes = "impl_item", .handler = read_rust_impl},
    {.nodes = "mod_item", .fields = "name=none", .handler = read_rust_module},
    {.nodes = "use_declaration", .handler = read_rust_use_declaration},
    {.nodes = "extern_crate_declaration", .others = Role::none},
    {.nodes = "closure_expression", .handler = open_unnamed_function},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "type_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "field_identifier shorthand_field_identifier", .step = Step::leaf, .others = Role::member},
    {.nodes = "call_expression", .fields = "function=call"},
    {.nodes = "macro_invocation", .fields = "macro=call"},
    {.nodes = "field_expression", .fields = "value=name field=tail"},
    {.nodes = "scoped_identifier scoped_type_identifier", .fields = "path=type name=tail"},
    {.nodes = "generic_function", .fields = "function=inherit"},
    {.nodes = "parameters closure_parameters", .others = Role::local},
    {.nodes = "parameter", .fields = "pattern=local type=type"},
    {.nodes = "let_declaration let_condition for_expression", .fields = "pattern=local type=type"},
    {.nodes = "match_arm", .fields = "pattern=local"},
    {.nodes = "match_pattern", .fields = "condition=name", .others = Role::inherit},
    {.nodes = "tuple_pattern slice_pattern ref_pattern mut_pattern reference_pattern captured_pattern or_pattern",
     .others = Role::inherit},
    {.nodes = "tuple_struct_pattern struct_pattern", .fields = "type=type", .others = Role::inherit},
    {.nodes = "field_pattern", .fields = "name=none pattern=inherit"},
    {.nodes = "lifetime label lifetime_parameter", .step = Step::skip},
    {.nodes = "type_parameter const_parameter", .fields = "name=local"},
    {.nodes = "visibility_modifier string_literal raw_string_literal char_literal integer_literal float_literal "
              "primitive_type self super crate mutable_specifier boolean_literal",
     .step = Step::skip},
};

}  // namespace

const LanguageRules& go_rules() {
  static const LanguageRules rules{.language = "go", .grammar = tree_sitter_go, .rules = k_go_rules};
  return rules;
}

const LanguageRules& rust_rules() {
  static const LanguageRules rules{.language = "rust",
                                   .grammar = tree_sitter_rust,
                                   .rules = k_rust_rules,
                                   .module_separator = "::",
                                   .member_separator = "::"};
  return rules;
}

}  // namespace oc::syntax
