// SPDX-License-Identifier: Apache-2.0
// JavaScript, TypeScript and TSX share one table: TypeScript's kinds of node are JavaScript's and more.
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_javascript();
extern "C" const TSLanguage* tree_sitter_typescript();
extern "C" const TSLanguage* tree_sitter_tsx();

namespace oc::syntax {
namespace {

bool is_function_value(const TreeWalk& walk, const TSNode& value) {
  return walk.is_kind(value, {"arrow_function", "function_expression", "generator_function"});
}

// The text of a string without its quotes; empty: it is no plain string.
std::string_view plain_string(const TreeWalk& walk, const TSNode& node) {
  return walk.is_kind(node, {"string"}) ? without_quotes(walk.text(node)) : std::string_view();
}

// A name that is bound to a function, a class or a value, outside of functions.
void define_value(TreeWalk& walk, Definition definition, const TSNode& value) {
  if (is_function_value(walk, value)) {
    definition.kind = definition.kind == SymbolKind::method ? SymbolKind::method : SymbolKind::function;
    definition.body = TreeWalk::field(value, "body");
    definition.traits = k_function;
  } else if (walk.is_kind(value, {"class"})) {
    definition.kind = SymbolKind::class_type;
    definition.body = TreeWalk::field(value, "body");
  } else if (walk.is_kind(value, {"object"})) {
    definition.body = value;
  } else {
    definition.traits = k_no_scope;
  }
  walk.define(definition);
}

Descend read_variable(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  if (walk.is_in_function() || !walk.is_kind(name, {"identifier"})) return Descend::yes;
  const bool is_constant = walk.text(walk.parent()).starts_with("const");
  define_value(walk, {.kind = is_constant ? SymbolKind::constant : SymbolKind::variable, .node = node, .name = name},
               TreeWalk::field(node, "value"));
  return Descend::yes;
}

// `module.exports.f = …`, `exports.f = …`, `A.prototype.f = …`, `A.f = function …`
Descend read_assignment(TreeWalk& walk, const TSNode& node) {
  const TSNode left = TreeWalk::field(node, "left");
  if (walk.is_in_function() || !walk.is_kind(left, {"member_expression"})) return Descend::yes;
  const TSNode value = TreeWalk::field(node, "right");
  const TSNode name = TreeWalk::field(left, "property");
  std::string_view object = walk.text(TreeWalk::field(left, "object"));
  const bool is_export = object == "exports" || object == "module.exports";
  const bool is_whole_export = object == "module" && walk.text(name) == "exports";
  if (is_whole_export || !(is_export || is_function_value(walk, value) || walk.is_kind(value, {"class"})))
    return Descend::yes;
  Definition definition{.kind = SymbolKind::variable, .node = node, .name = name};
  if (!is_export) {
    if (object.ends_with(".prototype")) {
      object.remove_suffix(std::string_view(".prototype").size());
      definition.kind = SymbolKind::method;
    }
    if (object.starts_with("exports.")) object.remove_prefix(std::string_view("exports.").size());
    definition.qualifier = object;
  }
  define_value(walk, definition, value);
  return Descend::yes;
}

// `name: function () {}` in an object literal, outside of functions.
Descend read_pair(TreeWalk& walk, const TSNode& node) {
  const TSNode key = TreeWalk::field(node, "key");
  const TSNode value = TreeWalk::field(node, "value");
  if (!walk.is_in_function() && is_function_value(walk, value) && walk.is_kind(key, {"property_identifier", "string"}))
    define_value(walk,
                 {.kind = SymbolKind::method, .node = node, .name = key, .shown_name = without_quotes(walk.text(key))},
                 value);
  return Descend::yes;
}

Descend read_method(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const bool is_plain = walk.is_kind(name, {"property_identifier", "private_property_identifier", "string"});
  if (!is_plain || (walk.is_in_function() && !walk.is_in_type())) return Descend::yes;
  const TSNode body = TreeWalk::field(node, "body");
  walk.define({.kind = SymbolKind::method,
               .node = node,
               .name = name,
               .body = body,
               .shown_name = without_quotes(walk.text(name)),
               .form = ts_node_is_null(body) ? SymbolForm::declaration : SymbolForm::definition,
               .traits = k_function});
  return Descend::yes;
}

Descend read_field(TreeWalk& walk, const TSNode& node) {
  TSNode name = TreeWalk::field(node, "name");
  if (ts_node_is_null(name)) name = TreeWalk::field(node, "property");
  if (!walk.is_in_type() || !walk.is_kind(name, {"property_identifier", "private_property_identifier"}))
    return Descend::yes;
  define_value(walk, {.kind = SymbolKind::field, .node = node, .name = name}, TreeWalk::field(node, "value"));
  return Descend::yes;
}

// `import a, {b as c} from "d"`, `import x = require("y")`
Descend read_import(TreeWalk& walk, const TSNode& node) {
  std::vector<std::string> names;
  TSNode source = TreeWalk::field(node, "source");
  if (const TSNode old = walk.find_child(node, {"import_require_clause"}); !ts_node_is_null(old))
    source = TreeWalk::field(old, "source");
  if (const TSNode clause = walk.find_child(node, {"import_clause"}); !ts_node_is_null(clause))
    walk.for_each_child(clause, "", [&](const TSNode& part) {
      if (walk.is_kind(part, {"identifier"})) names.emplace_back("default");
      if (walk.is_kind(part, {"namespace_import"})) names.emplace_back("*");
      if (walk.is_kind(part, {"named_imports"}))
        walk.for_each_child(part, "", [&](const TSNode& one) {
          if (walk.is_kind(one, {"import_specifier"})) names.emplace_back(walk.text(TreeWalk::field(one, "name")));
        });
    });
  const std::string_view target = plain_string(walk, source);
  walk.import(node, target, import_form_of_path(target), std::move(names));
  return Descend::no;
}

// `export { a } from "b"`, `export * from "b"`
Descend read_export(TreeWalk& walk, const TSNode& node) {
  const std::string_view target = plain_string(walk, TreeWalk::field(node, "source"));
  if (target.empty()) return Descend::yes;
  std::vector<std::string> names;
  if (const TSNode clause = walk.find_child(node, {"export_clause"}); !ts_node_is_null(clause))
    walk.for_each_child(clause, "", [&](const TSNode& one) {
      if (walk.is_kind(one, {"export_specifier"})) names.emplace_back(walk.text(TreeWalk::field(one, "name")));
    });
  if (names.empty()) names.emplace_back("*");
  walk.import(node, target, import_form_of_path(target), std::move(names));
  return Descend::no;
}

// `require("a")`, `import("a")`
Descend read_call(TreeWalk& walk, const TSNode& node) {
  const TSNode function = TreeWalk::field(node, "function");
  const bool loads = walk.is_kind(function, {"import"}) ||
                     (walk.is_kind(function, {"identifier"}) && walk.text(function) == "require");
  if (!loads) return Descend::yes;
  const TSNode arguments = TreeWalk::field(node, "arguments");
  const TSNode first = ts_node_is_null(arguments) ? arguments : ts_node_named_child(arguments, 0);
  const std::string_view target = plain_string(walk, first);
  walk.import(node, target, import_form_of_path(target));
  return target.empty() ? Descend::yes : Descend::no;
}

Descend read_enum(TreeWalk& walk, const TSNode& node) {
  walk.for_each_child(node, "name", [&](const TSNode& name) {
    walk.define({.kind = SymbolKind::enum_member, .node = name, .name = name, .traits = k_no_scope});
  });
  return Descend::yes;
}

// `<Button …>` calls Button; `<div>` names nothing of ours.
Descend read_element(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const std::string_view word = walk.text(name);
  if (walk.is_kind(name, {"identifier"}) && !(word.front() >= 'a' && word.front() <= 'z')) walk.refer(name, Role::call);
  return Descend::yes;
}

Descend read_unnamed_function(TreeWalk& walk, const TSNode& node) {
  walk.open_unnamed_function();
  const TSNode parameter = TreeWalk::field(node, "parameter");
  if (walk.is_kind(parameter, {"identifier"})) walk.declare_local(walk.text(parameter));
  return Descend::yes;
}

constexpr NodeRule k_rules[] = {
    {.nodes = "comment html_comment", .step = Step::comment},
    {.nodes = "decorator", .step = Step::attribute},
    {.nodes = "export_statement", .step = Step::wrap, .fields = "source=none", .handler = read_export},
    {.nodes = "lexical_declaration variable_declaration using_declaration ambient_declaration", .step = Step::wrap},
    {.nodes = "function_declaration generator_function_declaration",
     .step = Step::define,
     .fields = "name=none",
     .traits = k_function},
    {.nodes = "function_signature", .step = Step::define, .fields = "name=none", .traits = k_function | k_declaration},
    {.nodes = "class_declaration abstract_class_declaration",
     .step = Step::define,
     .kind = SymbolKind::class_type,
     .fields = "name=none"},
    {.nodes = "interface_declaration", .step = Step::define, .kind = SymbolKind::interface_type, .fields = "name=none"},
    {.nodes = "enum_declaration", .step = Step::define, .kind = SymbolKind::enum_type, .fields = "name=none"},
    {.nodes = "enum_body", .fields = "name=none", .handler = read_enum},
    {.nodes = "enum_assignment",
     .step = Step::define,
     .kind = SymbolKind::enum_member,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "type_alias_declaration",
     .step = Step::define,
     .kind = SymbolKind::type_alias,
     .fields = "name=none",
     .traits = k_no_scope | k_not_local},
    {.nodes = "internal_module module",
     .step = Step::define,
     .kind = SymbolKind::module,
     .fields = "name=none",
     .traits = k_needs_body},
    {.nodes = "method_definition method_signature abstract_method_signature",
     .fields = "name=none",
     .handler = read_method},
    {.nodes = "field_definition public_field_definition property_signature",
     .fields = "name=none property=none",
     .handler = read_field},
    {.nodes = "variable_declarator", .fields = "name=local", .handler = read_variable},
    {.nodes = "assignment_expression", .handler = read_assignment},
    {.nodes = "pair", .fields = "key=none", .handler = read_pair},
    {.nodes = "import_statement", .handler = read_import},
    {.nodes = "call_expression", .fields = "function=call", .handler = read_call},
    {.nodes = "new_expression", .fields = "constructor=call"},
    {.nodes = "arrow_function function_expression generator_function function_type",
     .fields = "name=none parameter=local",
     .handler = read_unnamed_function},
    {.nodes = "identifier shorthand_property_identifier", .step = Step::leaf},
    {.nodes = "type_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "property_identifier private_property_identifier", .step = Step::leaf, .others = Role::member},
    {.nodes = "shorthand_property_identifier_pattern", .step = Step::leaf, .others = Role::local},
    {.nodes = "member_expression", .fields = "object=name property=tail"},
    {.nodes = "nested_type_identifier", .fields = "module=name name=type"},
    {.nodes = "nested_identifier", .fields = "object=name property=tail"},
    {.nodes = "class_heritage extends_clause", .fields = "value=type", .others = Role::type},
    {.nodes = "type_query", .others = Role::name},
    {.nodes = "non_null_expression parenthesized_expression instantiation_expression", .others = Role::inherit},
    {.nodes = "formal_parameters object_pattern array_pattern rest_pattern", .others = Role::local},
    {.nodes = "required_parameter optional_parameter", .fields = "pattern=local name=local value=name type=type"},
    {.nodes = "assignment_pattern object_assignment_pattern", .fields = "left=local right=name"},
    {.nodes = "pair_pattern", .fields = "key=none value=local"},
    {.nodes = "for_in_statement", .fields = "left=local"},
    {.nodes = "catch_clause", .fields = "parameter=local"},
    {.nodes = "type_parameter", .fields = "name=none"},
    {.nodes = "export_specifier", .fields = "name=name alias=none"},
    {.nodes = "namespace_export import_alias", .others = Role::none},
    {.nodes = "jsx_opening_element jsx_self_closing_element", .fields = "name=none", .handler = read_element},
    {.nodes = "jsx_closing_element", .fields = "name=none"},
    {.nodes = "jsx_attribute", .others = Role::none},
    {.nodes = "index_signature", .fields = "name=none"},
    {.nodes = "string number regex jsx_text statement_identifier predefined_type this super true false null undefined "
              "meta_property string_fragment escape_sequence",
     .step = Step::skip},
};

}  // namespace

const LanguageRules& javascript_rules() {
  static const LanguageRules rules{.language = "javascript", .grammar = tree_sitter_javascript, .rules = k_rules};
  return rules;
}

const LanguageRules& typescript_rules() {
  static const LanguageRules rules{.language = "typescript", .grammar = tree_sitter_typescript, .rules = k_rules};
  return rules;
}

const LanguageRules& tsx_rules() {
  static const LanguageRules rules{.language = "tsx", .grammar = tree_sitter_tsx, .rules = k_rules};
  return rules;
}

}  // namespace oc::syntax
