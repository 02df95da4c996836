// SPDX-License-Identifier: Apache-2.0
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_java();
extern "C" const TSLanguage* tree_sitter_c_sharp();

namespace oc::syntax {
namespace {

Descend read_java_package(TreeWalk& walk, const TSNode& node) {
  const TSNode name = walk.find_child(node, {"scoped_identifier", "identifier"});
  if (ts_node_is_null(name)) return Descend::no;
  walk.define({.kind = SymbolKind::module, .node = node, .name = name, .traits = k_no_scope});
  walk.qualify_rest(walk.text(name));
  return Descend::no;
}

// `import a.b.C;` takes C from a.b, `import a.b.*;` all of it.
Descend read_java_import(TreeWalk& walk, const TSNode& node) {
  const TSNode path = walk.find_child(node, {"scoped_identifier", "identifier"});
  const bool is_all = !ts_node_is_null(walk.find_child(node, {"asterisk"}));
  std::vector<std::string> names;
  if (is_all) {
    names.emplace_back("*");
  } else if (walk.is_kind(path, {"scoped_identifier"})) {
    names.emplace_back(walk.text(TreeWalk::field(path, "name")));
  }
  walk.import(node, ts_node_is_null(path) ? std::string_view() : walk.text(path), ImportForm::module, std::move(names));
  return Descend::no;
}

// `int a = 1, b;` of a type: each is a field.
Descend read_java_fields(TreeWalk& walk, const TSNode& node) {
  const bool is_constant = walk.is_kind(node, {"constant_declaration"});
  walk.for_each_child(node, "declarator", [&](const TSNode& declarator) {
    const TSNode name = TreeWalk::field(declarator, "name");
    if (!walk.is_kind(name, {"identifier"})) return;
    const SymbolKind kind = is_constant || is_constant_name(walk.text(name)) ? SymbolKind::constant : SymbolKind::field;
    walk.define({.kind = kind, .node = node, .name = name, .traits = k_no_scope});
  });
  return Descend::yes;
}

constexpr NodeRule k_java_rules[] = {
    {.nodes = "line_comment block_comment", .step = Step::comment},
    {.nodes = "modifiers", .step = Step::modifiers},
    {.nodes = "marker_annotation annotation", .step = Step::attribute, .fields = "name=type"},
    {.nodes = "package_declaration", .handler = read_java_package},
    {.nodes = "import_declaration", .handler = read_java_import},
    {.nodes = "class_declaration record_declaration",
     .step = Step::define,
     .kind = SymbolKind::class_type,
     .fields = "name=none"},
    {.nodes = "interface_declaration annotation_type_declaration",
     .step = Step::define,
     .kind = SymbolKind::interface_type,
     .fields = "name=none"},
    {.nodes = "enum_declaration", .step = Step::define, .kind = SymbolKind::enum_type, .fields = "name=none"},
    {.nodes = "enum_constant",
     .step = Step::define,
     .kind = SymbolKind::enum_member,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "method_declaration annotation_type_element_declaration",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none",
     .traits = k_function | k_body_decides},
    {.nodes = "constructor_declaration compact_constructor_declaration",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none",
     .traits = k_function},
    {.nodes = "field_declaration constant_declaration", .handler = read_java_fields},
    {.nodes = "variable_declarator", .fields = "name=local"},
    {.nodes = "lambda_expression", .fields = "parameters=local", .handler = open_unnamed_function},
    {.nodes = "inferred_parameters", .others = Role::local},
    {.nodes = "formal_parameter catch_formal_parameter resource enhanced_for_statement", .fields = "name=local"},
    {.nodes = "instanceof_expression", .fields = "name=local"},
    {.nodes = "type_pattern", .others = Role::local},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "type_identifier", .step = Step::leaf, .others = Role::type},
    {.nodes = "method_invocation", .fields = "name=call object=name"},
    {.nodes = "field_access", .fields = "object=name field=member"},
    {.nodes = "method_reference", .others = Role::member},
    {.nodes = "element_value_pair", .fields = "key=none"},
    {.nodes = "labeled_statement break_statement continue_statement", .others = Role::none},
    {.nodes = "type_parameter", .others = Role::name},
    {.nodes = "string_literal character_literal decimal_integer_literal integral_type void_type boolean_type "
              "floating_point_type this super null_literal true false",
     .step = Step::skip},
};

// `using A.B;`, `using static A.B;`, `using C = A.B;`
Descend read_using(TreeWalk& walk, const TSNode& node) {
  TSNode target{};
  walk.for_each_child(node, "", [&](const TSNode& child) {
    if (walk.is_kind(child, {"qualified_name", "identifier", "alias_qualified_name", "generic_name"})) target = child;
  });
  if (!ts_node_is_null(target)) walk.import(node, walk.text(target), ImportForm::module);
  return Descend::no;
}

Descend read_file_namespace(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  walk.define({.kind = SymbolKind::module, .node = node, .name = name, .traits = k_no_scope});
  walk.qualify_rest(walk.text(name));
  return Descend::no;
}

Descend read_csharp_fields(TreeWalk& walk, const TSNode& node) {
  const TSNode declaration = walk.find_child(node, {"variable_declaration"});
  if (ts_node_is_null(declaration)) return Descend::yes;
  const bool is_constant = walk.text(node).substr(0, 64).contains("const ");
  walk.for_each_child(declaration, "", [&](const TSNode& declarator) {
    if (!walk.is_kind(declarator, {"variable_declarator"})) return;
    walk.define({.kind = is_constant ? SymbolKind::constant : SymbolKind::field,
                 .node = node,
                 .name = TreeWalk::field(declarator, "name"),
                 .traits = k_no_scope});
  });
  return Descend::yes;
}

// `int Size => 3;`, `int Size { get; set; }`, `int this[int i] { … }`
Descend read_property(TreeWalk& walk, const TSNode& node) {
  TSNode body = TreeWalk::field(node, "accessors");
  if (ts_node_is_null(body)) body = TreeWalk::field(node, "value");
  walk.define({.kind = SymbolKind::field,
               .node = node,
               .name = TreeWalk::field(node, "name"),
               .body = body,
               .traits = k_function});
  return Descend::yes;
}

// `operator +`: the name is the sign.
Descend read_operator(TreeWalk& walk, const TSNode& node) {
  const TSNode sign = TreeWalk::field(node, "operator");
  if (ts_node_is_null(sign)) return Descend::yes;
  const std::string shown = "operator " + std::string(walk.text(sign));
  walk.define({.kind = SymbolKind::method,
               .node = node,
               .name = sign,
               .body = TreeWalk::field(node, "body"),
               .shown_name = shown,
               .traits = k_function});
  return Descend::yes;
}

constexpr NodeRule k_csharp_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "attribute_list", .step = Step::attribute},
    {.nodes = "attribute", .fields = "name=type"},
    {.nodes = "using_directive", .handler = read_using},
    {.nodes = "namespace_declaration", .step = Step::define, .kind = SymbolKind::module, .fields = "name=none"},
    {.nodes = "file_scoped_namespace_declaration", .handler = read_file_namespace},
    {.nodes = "class_declaration record_declaration",
     .step = Step::define,
     .kind = SymbolKind::class_type,
     .fields = "name=none"},
    {.nodes = "struct_declaration", .step = Step::define, .kind = SymbolKind::struct_type, .fields = "name=none"},
    {.nodes = "interface_declaration", .step = Step::define, .kind = SymbolKind::interface_type, .fields = "name=none"},
    {.nodes = "enum_declaration", .step = Step::define, .kind = SymbolKind::enum_type, .fields = "name=none"},
    {.nodes = "enum_member_declaration",
     .step = Step::define,
     .kind = SymbolKind::enum_member,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "delegate_declaration",
     .step = Step::define,
     .kind = SymbolKind::type_alias,
     .fields = "name=none type=type",
     .traits = k_no_scope},
    {.nodes = "method_declaration",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none returns=type",
     .traits = k_function | k_body_decides},
    {.nodes = "constructor_declaration destructor_declaration",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none",
     .traits = k_function},
    {.nodes = "local_function_statement", .step = Step::define, .fields = "name=none type=type", .traits = k_function},
    {.nodes = "operator_declaration", .fields = "type=type", .handler = read_operator},
    {.nodes = "property_declaration event_declaration", .fields = "name=none type=type", .handler = read_property},
    {.nodes = "field_declaration event_field_declaration", .handler = read_csharp_fields},
    {.nodes = "variable_declaration", .fields = "type=type"},
    {.nodes = "variable_declarator", .fields = "name=local"},
    {.nodes = "lambda_expression anonymous_method_expression", .handler = open_unnamed_function},
    {.nodes = "implicit_parameter", .step = Step::leaf, .others = Role::local},
    {.nodes = "parameter", .fields = "name=local type=type"},
    {.nodes = "parameter_list bracketed_parameter_list", .fields = "name=local type=type"},
    {.nodes = "catch_declaration declaration_expression declaration_pattern from_clause",
     .fields = "name=local type=type"},
    {.nodes = "foreach_statement", .fields = "left=local type=type"},
    {.nodes = "base_list", .others = Role::type},
    {.nodes = "primary_constructor_base_type array_type nullable_type pointer_type ref_type scoped_type tuple_element",
     .fields = "name=none type=type"},
    {.nodes = "type_argument_list type_parameter_constraint", .others = Role::type},
    {.nodes = "type_parameter", .fields = "name=none"},
    {.nodes = "cast_expression typeof_expression sizeof_expression default_expression type_pattern recursive_pattern "
              "object_creation_expression array_creation_expression",
     .fields = "type=type name=local"},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "invocation_expression", .fields = "function=call"},
    {.nodes = "member_access_expression", .fields = "expression=name name=tail"},
    {.nodes = "member_binding_expression", .fields = "name=member_call"},
    {.nodes = "generic_name", .others = Role::inherit},
    {.nodes = "qualified_name alias_qualified_name", .fields = "qualifier=name alias=name name=tail"},
    {.nodes = "as_expression is_expression", .fields = "right=type"},
    {.nodes = "argument attribute_argument", .fields = "name=none"},
    {.nodes = "labeled_statement goto_statement", .others = Role::none},
    {.nodes =
         "string_literal verbatim_string_literal raw_string_literal character_literal integer_literal real_literal "
         "boolean_literal null_literal predefined_type implicit_type modifier preproc_arg",
     .step = Step::skip},
};

}  // namespace

const LanguageRules& java_rules() {
  static const LanguageRules rules{.language = "java", .grammar = tree_sitter_java, .rules = k_java_rules};
  return rules;
}

const LanguageRules& csharp_rules() {
  static const LanguageRules rules{.language = "csharp", .grammar = tree_sitter_c_sharp, .rules = k_csharp_rules};
  return rules;
}

}  // namespace oc::syntax
