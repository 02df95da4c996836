// SPDX-License-Identifier: Apache-2.0
// Ruby, PHP, Shell and Lua.
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_ruby();
extern "C" const TSLanguage* tree_sitter_php();
extern "C" const TSLanguage* tree_sitter_bash();
extern "C" const TSLanguage* tree_sitter_lua();

namespace oc::syntax {
namespace {

TSNode first_argument(const TSNode& arguments) {
  return ts_node_is_null(arguments) ? arguments : ts_node_named_child(arguments, 0);
}

// `require "a"`, `require_relative "b"`, `attr_reader :c, :d`
Descend read_ruby_call(TreeWalk& walk, const TSNode& node) {
  const TSNode method = TreeWalk::field(node, "method");
  if (!walk.is_kind(method, {"identifier"}) || !ts_node_is_null(TreeWalk::field(node, "receiver"))) return Descend::yes;
  const std::string_view word = walk.text(method);
  const TSNode arguments = TreeWalk::field(node, "arguments");
  const TSNode first = first_argument(arguments);
  if ((word == "require" || word == "require_relative" || word == "load") && walk.is_kind(first, {"string"})) {
    const std::string_view target = without_quotes(walk.text(first));
    walk.import(node, target, word == "require_relative" ? ImportForm::relative : import_form_of_path(target));
    return Descend::no;
  }
  if (word.starts_with("attr_") && walk.is_in_type() && !ts_node_is_null(arguments)) {
    walk.for_each_child(arguments, "", [&](const TSNode& symbol) {
      if (!walk.is_kind(symbol, {"simple_symbol"})) return;
      walk.define({.kind = SymbolKind::field,
                   .node = node,
                   .name = symbol,
                   .shown_name = walk.text(symbol).substr(1),
                   .traits = k_no_scope});
    });
    return Descend::no;
  }
  return Descend::yes;
}

// `LIMIT = 3` is a constant, `x = 3` in a function a local name.
Descend read_ruby_assignment(TreeWalk& walk, const TSNode& node) {
  const TSNode left = TreeWalk::field(node, "left");
  if (!walk.is_in_function() && walk.is_kind(left, {"constant", "global_variable"}))
    walk.define({.kind = walk.is_kind(left, {"constant"}) ? SymbolKind::constant : SymbolKind::variable,
                 .node = node,
                 .name = left,
                 .traits = k_no_scope});
  return Descend::yes;
}

constexpr NodeRule k_ruby_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "module", .step = Step::define, .kind = SymbolKind::module, .fields = "name=none"},
    {.nodes = "class", .step = Step::define, .kind = SymbolKind::class_type, .fields = "name=none"},
    {.nodes = "superclass", .others = Role::type},
    {.nodes = "method singleton_method",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none object=none",
     .traits = k_function},
    {.nodes = "call", .fields = "method=member_call receiver=name", .handler = read_ruby_call},
    {.nodes = "assignment", .fields = "left=local", .handler = read_ruby_assignment},
    {.nodes = "left_assignment_list destructured_left_assignment rest_assignment", .others = Role::local},
    {.nodes =
         "method_parameters block_parameters lambda_parameters splat_parameter hash_splat_parameter block_parameter "
         "destructured_parameter",
     .others = Role::local},
    {.nodes = "optional_parameter keyword_parameter", .fields = "name=local value=name"},
    {.nodes = "exception_variable", .others = Role::local},
    {.nodes = "for", .fields = "pattern=local"},
    {.nodes = "scope_resolution", .fields = "scope=type name=tail"},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "constant", .step = Step::leaf, .others = Role::type},
    {.nodes = "element_reference", .others = Role::name},
    {.nodes = "string_content simple_symbol hash_key_symbol integer float self nil true false instance_variable "
              "class_variable heredoc_content heredoc_beginning heredoc_end",
     .step = Step::skip},
};

Descend read_php_namespace(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const TSNode body = TreeWalk::field(node, "body");
  if (ts_node_is_null(name)) return Descend::yes;
  const unsigned traits = ts_node_is_null(body) ? k_no_scope : 0U;
  walk.define({.kind = SymbolKind::module, .node = node, .name = name, .body = body, .traits = traits});
  if (ts_node_is_null(body)) walk.qualify_rest(walk.text(name));
  return Descend::yes;
}

// `use A\B;`, `use A\{B, C as D};`, `use function A\f;`
Descend read_php_use(TreeWalk& walk, const TSNode& node) {
  const TSNode group = TreeWalk::field(node, "body");
  const TSNode prefix = walk.find_child(node, {"namespace_name"});
  const auto target_of = [&](const TSNode& clause) {
    return std::string(walk.text(walk.find_child(clause, {"qualified_name", "name"})));
  };
  const TSNode list = ts_node_is_null(group) ? node : group;
  walk.for_each_child(list, "", [&](const TSNode& clause) {
    if (!walk.is_kind(clause, {"namespace_use_clause"})) return;
    std::string target = target_of(clause);
    if (!ts_node_is_null(group) && !ts_node_is_null(prefix)) target = std::string(walk.text(prefix)) + "\\" + target;
    std::vector<std::string> names{target.substr(target.rfind('\\') + 1)};
    walk.import(node, target, ImportForm::module, std::move(names));
  });
  return Descend::no;
}

// `require __DIR__ . "/a.php"`: the text that is known.
Descend read_php_include(TreeWalk& walk, const TSNode& node) {
  TSNode value = ts_node_named_child(node, 0);
  for (int i = 0; i < 4 && walk.is_kind(value, {"parenthesized_expression", "binary_expression"}); ++i)
    value = ts_node_named_child(value, ts_node_named_child_count(value) - 1);
  if (!walk.is_kind(value, {"string", "encapsed_string"})) return Descend::yes;
  std::string_view target = without_quotes(walk.text(value));
  while (target.starts_with('/')) target.remove_prefix(1);
  walk.import(node, target, ImportForm::relative);
  return Descend::no;
}

Descend read_php_const(TreeWalk& walk, const TSNode& node) {
  walk.define({.kind = SymbolKind::constant, .node = node, .name = ts_node_named_child(node, 0), .traits = k_no_scope});
  return Descend::yes;
}

Descend read_php_property(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  std::string_view shown = walk.text(name);
  if (shown.starts_with('$')) shown.remove_prefix(1);
  walk.define({.kind = SymbolKind::field, .node = node, .name = name, .shown_name = shown, .traits = k_no_scope});
  return Descend::yes;
}

constexpr NodeRule k_php_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "attribute_list", .step = Step::attribute},
    {.nodes = "attribute", .others = Role::type},
    {.nodes = "namespace_definition", .fields = "name=none", .handler = read_php_namespace},
    {.nodes = "namespace_use_declaration", .handler = read_php_use},
    {.nodes = "include_expression include_once_expression require_expression require_once_expression",
     .handler = read_php_include},
    {.nodes = "function_definition", .step = Step::define, .fields = "name=none", .traits = k_function},
    {.nodes = "method_declaration",
     .step = Step::define,
     .kind = SymbolKind::method,
     .fields = "name=none",
     .traits = k_function | k_body_decides},
    {.nodes = "class_declaration", .step = Step::define, .kind = SymbolKind::class_type, .fields = "name=none"},
    {.nodes = "interface_declaration", .step = Step::define, .kind = SymbolKind::interface_type, .fields = "name=none"},
    {.nodes = "trait_declaration", .step = Step::define, .kind = SymbolKind::trait_type, .fields = "name=none"},
    {.nodes = "enum_declaration", .step = Step::define, .kind = SymbolKind::enum_type, .fields = "name=none"},
    {.nodes = "enum_case",
     .step = Step::define,
     .kind = SymbolKind::enum_member,
     .fields = "name=none",
     .traits = k_no_scope},
    {.nodes = "const_declaration property_declaration", .step = Step::wrap},
    {.nodes = "const_element", .fields = {}, .handler = read_php_const},
    {.nodes = "property_element", .handler = read_php_property},
    {.nodes = "name", .step = Step::leaf},
    {.nodes = "variable_name", .step = Step::skip},
    {.nodes = "function_call_expression", .fields = "function=call"},
    {.nodes = "member_call_expression nullsafe_member_call_expression", .fields = "name=member_call"},
    {.nodes = "scoped_call_expression", .fields = "scope=type name=member_call"},
    {.nodes = "scoped_property_access_expression", .fields = "scope=type"},
    {.nodes = "class_constant_access_expression", .others = Role::type},
    {.nodes = "member_access_expression nullsafe_member_access_expression", .fields = "name=member"},
    {.nodes = "object_creation_expression named_type base_clause class_interface_clause use_declaration",
     .others = Role::type},
    {.nodes = "qualified_name relative_name", .fields = "prefix=none", .others = Role::inherit},
    {.nodes = "namespace_name", .others = Role::none},
    {.nodes = "argument", .fields = "name=none"},
    {.nodes = "anonymous_function arrow_function", .handler = open_unnamed_function},
    {.nodes = "string nowdoc text primitive_type integer float boolean null visibility_modifier static_modifier "
              "string_content php_tag",
     .step = Step::skip},
};

// `source lib.sh`, `. ./lib.sh`
Descend read_command(TreeWalk& walk, const TSNode& node) {
  const std::string_view word = walk.text(TreeWalk::field(node, "name"));
  if (word != "source" && word != ".") return Descend::yes;
  const std::string_view target = without_quotes(walk.text(TreeWalk::field(node, "argument")));
  walk.import(node, target, ImportForm::relative);
  return Descend::no;
}

// The word of a command is a call, unless something is put in for a part of it.
Descend read_command_name(TreeWalk& walk, const TSNode& node) {
  const TSNode word = ts_node_named_child(node, 0);
  if (walk.is_kind(word, {"word"})) walk.refer(word, Role::call);
  return Descend::yes;
}

Descend read_shell_variable(TreeWalk& walk, const TSNode& node) {
  const TSNode name = TreeWalk::field(node, "name");
  const bool is_prefix = walk.is_kind(walk.parent(), {"command"});
  if (!walk.is_in_function() && !is_prefix && walk.is_kind(name, {"variable_name"}))
    walk.define({.kind = SymbolKind::variable, .node = node, .name = name, .traits = k_no_scope});
  return Descend::yes;
}

constexpr NodeRule k_bash_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "function_definition", .step = Step::define, .fields = "name=none", .traits = k_function},
    {.nodes = "command", .handler = read_command},
    {.nodes = "command_name", .handler = read_command_name},
    {.nodes = "variable_assignment", .fields = "name=local", .handler = read_shell_variable},
    {.nodes = "declaration_command", .step = Step::wrap, .others = Role::local},
    {.nodes = "simple_expansion expansion subscript", .others = Role::name},
    {.nodes = "for_statement", .fields = "variable=local"},
    {.nodes = "variable_name", .step = Step::leaf},
    {.nodes = "raw_string ansi_c_string number regex string_content heredoc_content test_operator", .step = Step::skip},
};

// `function a.b:c() …`: the last is the name, the rest qualifies it.
void define_lua_function(TreeWalk& walk, const TSNode& node, const TSNode& name, const TSNode& body) {
  Definition definition{.kind = SymbolKind::function, .node = node, .name = name, .body = body, .traits = k_function};
  if (walk.is_kind(name, {"dot_index_expression", "method_index_expression"})) {
    const TSNode table = TreeWalk::field(name, "table");
    definition.name = TreeWalk::field(name, walk.is_kind(name, {"dot_index_expression"}) ? "field" : "method");
    definition.qualifier = walk.text(table);
    definition.kind = SymbolKind::method;
  }
  if (!ts_node_is_null(definition.name)) walk.define(definition);
}

Descend read_lua_function(TreeWalk& walk, const TSNode& node) {
  define_lua_function(walk, node, TreeWalk::field(node, "name"), TreeWalk::field(node, "body"));
  return Descend::yes;
}

// `x = 1`, `local M = {}`, `M.f = function() … end` outside of functions.
Descend read_lua_assignment(TreeWalk& walk, const TSNode& node) {
  if (walk.is_in_function()) return Descend::yes;
  const TSNode names = walk.find_child(node, {"variable_list"});
  const TSNode values = walk.find_child(node, {"expression_list"});
  const TSNode value = first_argument(values);
  const TSNode first = first_argument(names);
  if (walk.is_kind(value, {"function_definition"})) {
    define_lua_function(walk, node, first, TreeWalk::field(value, "body"));
    return Descend::yes;
  }
  if (ts_node_is_null(names)) return Descend::yes;
  walk.for_each_child(names, "name", [&](const TSNode& name) {
    if (walk.is_kind(name, {"identifier"}))
      walk.define({.kind = SymbolKind::variable, .node = node, .name = name, .traits = k_no_scope});
  });
  return Descend::yes;
}

Descend read_lua_call(TreeWalk& walk, const TSNode& node) {
  if (walk.text(TreeWalk::field(node, "name")) != "require") return Descend::yes;
  const TSNode first = first_argument(TreeWalk::field(node, "arguments"));
  if (!walk.is_kind(first, {"string"})) return Descend::yes;
  walk.import(node, without_quotes(walk.text(first)), ImportForm::module);
  return Descend::no;
}

constexpr NodeRule k_lua_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "function_declaration", .fields = "name=none", .handler = read_lua_function},
    {.nodes = "function_definition", .handler = open_unnamed_function},
    {.nodes = "variable_declaration", .step = Step::wrap, .others = Role::local},
    {.nodes = "assignment_statement", .others = Role::inherit, .handler = read_lua_assignment},
    {.nodes = "variable_list", .others = Role::inherit},
    {.nodes = "expression_list", .others = Role::name},
    {.nodes = "parameters for_numeric_clause", .fields = "name=local"},
    {.nodes = "for_generic_clause", .others = Role::local},
    {.nodes = "function_call", .fields = "name=call", .handler = read_lua_call},
    {.nodes = "dot_index_expression", .fields = "table=name field=tail"},
    {.nodes = "method_index_expression", .fields = "table=name method=tail"},
    {.nodes = "field", .fields = "name=none"},
    {.nodes = "goto_statement label_statement attribute", .others = Role::none},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "string number nil true false", .step = Step::skip},
};

}  // namespace

const LanguageRules& ruby_rules() {
  static const LanguageRules rules{.language = "ruby",
                                   .grammar = tree_sitter_ruby,
                                   .rules = k_ruby_rules,
                                   .module_separator = "::",
                                   .member_separator = "#"};
  return rules;
}

const LanguageRules& php_rules() {
  static const LanguageRules rules{.language = "php",
                                   .grammar = tree_sitter_php,
                                   .rules = k_php_rules,
                                   .module_separator = "\\",
                                   .member_separator = "::"};
  return rules;
}

const LanguageRules& bash_rules() {
  static const LanguageRules rules{.language = "shell", .grammar = tree_sitter_bash, .rules = k_bash_rules};
  return rules;
}

const LanguageRules& lua_rules() {
  static const LanguageRules rules{.language = "lua", .grammar = tree_sitter_lua, .rules = k_lua_rules};
  return rules;
}

}  // namespace oc::syntax
