// SPDX-License-Identifier: Apache-2.0
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_python();

namespace oc::syntax {
namespace {

// `import a.b, c as d`
Descend read_import(TreeWalk& walk, const TSNode& node) {
  walk.for_each_child(node, "name", [&](const TSNode& name) {
    const TSNode module = walk.is_kind(name, {"aliased_import"}) ? TreeWalk::field(name, "name") : name;
    walk.import(node, walk.text(module), ImportForm::module);
  });
  return Descend::no;
}

// `from a.b import c, d as e`, `from . import x`, `from a import *`
Descend read_import_from(TreeWalk& walk, const TSNode& node) {
  std::vector<std::string> names;
  walk.for_each_child(node, "name", [&](const TSNode& name) {
    const TSNode taken = walk.is_kind(name, {"aliased_import"}) ? TreeWalk::field(name, "name") : name;
    names.emplace_back(walk.text(taken));
  });
  if (!ts_node_is_null(walk.find_child(node, {"wildcard_import"}))) names.emplace_back("*");
  const bool is_future = walk.is_kind(node, {"future_import_statement"});
  const std::string_view target = is_future ? "__future__" : walk.text(TreeWalk::field(node, "module_name"));
  walk.import(node, target, target.starts_with('.') ? ImportForm::relative : ImportForm::module, std::move(names));
  return Descend::no;
}

// `x = 1`, `x: int`, `a, b = f()`, `a = b = 2` outside of functions.
Descend read_assignment(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const auto define = [&](const TSNode& name) {
    if (!walk.is_kind(name, {"identifier"})) return;
    const SymbolKind kind = is_constant_name(walk.text(name)) ? SymbolKind::constant : SymbolKind::variable;
    walk.define({.kind = kind, .node = node, .name = name, .traits = k_no_scope});
  };
  const TSNode left = TreeWalk::field(node, "left");
  if (walk.is_kind(left, {"pattern_list", "tuple_pattern"})) {
    walk.for_each_child(left, "", define);
  } else {
    define(left);
  }
  return Descend::yes;
}

// `type Pair[T] = …`
Descend read_type_alias(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  TSNode name = TreeWalk::field(node, "left");
  while (walk.is_kind(name, {"type", "generic_type"})) name = ts_node_named_child(name, 0);
  if (walk.is_kind(name, {"identifier"}))
    walk.define({.kind = SymbolKind::type_alias, .node = node, .name = name, .traits = k_no_scope});
  return Descend::yes;
}

constexpr NodeRule k_rules[] = {
    {.nodes = "module block expression_statement"},
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "decorated_definition", .step = Step::decorate},
    {.nodes = "function_definition",
     .step = Step::define,
     .fields = "name=none return_type=type",
     .traits = k_function | k_docstring},
    {.nodes = "class_definition",
     .step = Step::define,
     .kind = SymbolKind::class_type,
     .fields = "name=none superclasses=type",
     .traits = k_docstring},
    {.nodes = "type_alias_statement", .fields = "left=none right=type", .handler = read_type_alias},
    {.nodes = "import_statement", .handler = read_import},
    {.nodes = "import_from_statement future_import_statement", .handler = read_import_from},
    {.nodes = "assignment", .fields = "left=local type=type", .handler = read_assignment},
    {.nodes = "augmented_assignment", .fields = "left=name"},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "call", .fields = "function=call"},
    {.nodes = "attribute", .fields = "object=name attribute=tail"},
    {.nodes = "keyword_argument", .fields = "name=none"},
    {.nodes = "argument_list parenthesized_expression type generic_type type_parameter union_type constrained_type "
              "member_type subscript binary_operator",
     .others = Role::inherit,
     .traits = k_reads},
    {.nodes = "lambda", .handler = open_unnamed_function},
    {.nodes = "parameters lambda_parameters typed_parameter pattern_list tuple_pattern list_pattern list_splat_pattern "
              "dictionary_splat_pattern as_pattern_target",
     .fields = "type=type",
     .others = Role::local},
    {.nodes = "default_parameter typed_default_parameter", .fields = "name=local type=type value=name"},
    {.nodes = "for_statement for_in_clause", .fields = "left=local"},
    {.nodes = "named_expression", .fields = "name=local value=name"},
    {.nodes = "as_pattern", .fields = "alias=local"},
    {.nodes = "except_clause", .fields = "alias=local"},
    {.nodes = "global_statement nonlocal_statement dotted_name", .others = Role::name},
    {.nodes = "string_content integer float none true false string_start string_end", .step = Step::skip},
};

}  // namespace

const LanguageRules& python_rules() {
  static const LanguageRules rules{.language = "python", .grammar = tree_sitter_python, .rules = k_rules};
  return rules;
}

}  // namespace oc::syntax
