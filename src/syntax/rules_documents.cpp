// SPDX-License-Identifier: Apache-2.0
// What is no program: JSON, YAML, HTML, CSS, Markdown and SQL.
#include <algorithm>

#include "base/text.hpp"
#include "syntax/rules.hpp"
#include "syntax/tree_walk.hpp"

extern "C" const TSLanguage* tree_sitter_json();
extern "C" const TSLanguage* tree_sitter_yaml();
extern "C" const TSLanguage* tree_sitter_html();
extern "C" const TSLanguage* tree_sitter_css();
extern "C" const TSLanguage* tree_sitter_markdown();
extern "C" const TSLanguage* tree_sitter_sql();

namespace oc::syntax {
namespace {

// The upper two levels say what a file is about; further down is data.
constexpr std::size_t k_key_levels = 2;

Descend read_pair(TreeWalk& walk, const TSNode& node) {
  const TSNode key = TreeWalk::field(node, "key");
  if (walk.scope_depth() >= k_key_levels || ts_node_is_null(key)) return Descend::no;
  const TSNode value = TreeWalk::field(node, "value");
  const bool holds_more = walk.is_kind(value, {"object", "array", "block_node"});
  walk.define({.kind = SymbolKind::key,
               .node = node,
               .name = key,
               .body = holds_more ? value : TSNode{},
               .shown_name = without_quotes(walk.text(key))});
  return walk.scope_depth() < k_key_levels ? Descend::yes : Descend::no;
}

constexpr NodeRule k_json_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "pair", .handler = read_pair},
    {.nodes = "array string number true false null", .step = Step::skip},
};

constexpr NodeRule k_yaml_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "block_mapping_pair flow_pair", .handler = read_pair},
    {.nodes =
         "block_sequence flow_sequence plain_scalar double_quote_scalar single_quote_scalar block_scalar tag anchor",
     .step = Step::skip},
};

bool is_web_address(std::string_view target) {
  return target.contains("://") || target.starts_with("//") || target.starts_with("mailto:") ||
         target.starts_with("data:") || target.starts_with("javascript:");
}

// A place beside the file, without what follows ? and #.
void import_file(TreeWalk& walk, const TSNode& at, std::string_view target) {
  target = base::trim(target);
  if (is_web_address(target)) return;
  walk.import(at, target.substr(0, target.find_first_of("?#")), ImportForm::relative);
}

// `id="x"` names something, `src` and `href` of scripts, styles and pictures are files.
Descend read_html_attribute(TreeWalk& walk, const TSNode& node) {
  const std::string_view name = walk.text(walk.find_child(node, {"attribute_name"}));
  TSNode value = walk.find_child(node, {"quoted_attribute_value", "attribute_value"});
  if (ts_node_is_null(value)) return Descend::no;
  if (walk.is_kind(value, {"quoted_attribute_value"})) value = walk.find_child(value, {"attribute_value"});
  if (ts_node_is_null(value)) return Descend::no;
  if (name == "id") walk.define({.kind = SymbolKind::rule, .node = walk.parent(), .name = value, .traits = k_no_scope});
  if (name == "src" || name == "href") import_file(walk, node, walk.text(value));
  return Descend::no;
}

constexpr NodeRule k_html_rules[] = {
    {.nodes = "comment", .step = Step::comment},
    {.nodes = "attribute", .handler = read_html_attribute},
    {.nodes = "text raw_text entity tag_name doctype", .step = Step::skip},
};

Descend read_rule_set(TreeWalk& walk, const TSNode& node) {
  const TSNode selectors = walk.find_child(node, {"selectors"});
  if (ts_node_is_null(selectors)) return Descend::yes;
  std::string_view shown = walk.text(selectors);
  shown = shown.substr(0, shown.find_first_of("\r\n"));
  while (shown.ends_with(',') || shown.ends_with(' ')) shown.remove_suffix(1);
  walk.define({.kind = SymbolKind::rule,
               .node = node,
               .name = selectors,
               .body = walk.find_child(node, {"block"}),
               .shown_name = shown});
  return Descend::yes;
}

Descend read_keyframes(TreeWalk& walk, const TSNode& node) {
  const TSNode name = walk.find_child(node, {"keyframes_name"});
  if (!ts_node_is_null(name))
    walk.define({.kind = SymbolKind::rule,
                 .node = node,
                 .name = name,
                 .body = walk.find_child(node, {"keyframe_block_list"}),
                 .traits = k_no_scope});
  return Descend::no;
}

// `--name: value` is a variable; other declarations are not.
Descend read_css_declaration(TreeWalk& walk, const TSNode& node) {
  const TSNode name = walk.find_child(node, {"property_name"});
  if (!ts_node_is_null(name) && walk.text(name).starts_with("--"))
    walk.define({.kind = SymbolKind::variable, .node = node, .name = name, .traits = k_no_scope});
  return Descend::no;
}

// `@import "a.css"`, `@import url(b.css)`
Descend read_css_import(TreeWalk& walk, const TSNode& node) {
  TSNode value = walk.find_child(node, {"string_value", "call_expression"});
  if (walk.is_kind(value, {"call_expression"})) value = walk.find_child(value, {"arguments"});
  if (ts_node_is_null(value)) return Descend::no;
  std::string_view target = walk.text(value);
  if (target.starts_with('(') && target.ends_with(')')) target = target.substr(1, target.size() - 2);
  import_file(walk, node, without_quotes(base::trim(target)));
  return Descend::no;
}

constexpr NodeRule k_css_rules[] = {
    {.nodes = "comment js_comment", .step = Step::comment},
    {.nodes = "rule_set", .handler = read_rule_set},
    {.nodes = "keyframes_statement", .handler = read_keyframes},
    {.nodes = "declaration", .handler = read_css_declaration},
    {.nodes = "import_statement", .handler = read_css_import},
    {.nodes = "selectors", .step = Step::skip},
    {.nodes = "identifier", .step = Step::skip},
};

Descend define_section(TreeWalk& walk, const TSNode& node, const TSNode& heading, unsigned traits) {
  const TSNode name = TreeWalk::field(heading, "heading_content");
  if (ts_node_is_null(name)) return Descend::yes;
  std::string_view title = base::trim(walk.text(name));
  while (title.ends_with('#')) title.remove_suffix(1);
  title = base::trim(title);
  walk.define({.kind = SymbolKind::section,
               .node = node,
               .name = name,
               .head = heading,
               .shown_name = title.substr(0, title.find('\n')),
               .traits = traits});
  return Descend::yes;
}

// The first heading of a section names it; what follows, with deeper headings, is its body.
Descend read_section(TreeWalk& walk, const TSNode& node) {
  const TSNode heading = ts_node_named_child(node, 0);
  return walk.is_kind(heading, {"atx_heading"}) ? define_section(walk, node, heading, 0) : Descend::yes;
}

// An underlined heading does not begin a section in the grammar.
Descend read_underlined_heading(TreeWalk& walk, const TSNode& node) {
  return define_section(walk, node, node, k_no_scope);
}

// `[text](target)` in the running text, which the grammar of blocks leaves unread.
Descend read_inline(TreeWalk& walk, const TSNode& node) {
  const std::string_view text = walk.text(node);
  for (std::size_t at = text.find("]("); at != std::string_view::npos; at = text.find("](", at + 1)) {
    const std::size_t begin = at + 2;
    const std::size_t end = text.find_first_of(") \n", begin);
    if (end == std::string_view::npos) break;
    std::string_view target = text.substr(begin, end - begin);
    if (target.starts_with('<') && target.ends_with('>')) target = target.substr(1, target.size() - 2);
    import_file(walk, node, target);
  }
  return Descend::no;
}

Descend read_link_definition(TreeWalk& walk, const TSNode& node) {
  const TSNode target = walk.find_child(node, {"link_destination"});
  if (!ts_node_is_null(target)) import_file(walk, node, walk.text(target));
  return Descend::no;
}

constexpr NodeRule k_markdown_rules[] = {
    {.nodes = "section", .handler = read_section},
    {.nodes = "setext_heading", .handler = read_underlined_heading},
    {.nodes = "inline", .handler = read_inline},
    {.nodes = "link_reference_definition", .handler = read_link_definition},
    {.nodes = "fenced_code_block indented_code_block html_block minus_metadata plus_metadata pipe_table",
     .step = Step::skip},
};

// CREATE TABLE, VIEW, FUNCTION, TYPE, INDEX, TRIGGER: the first name after the words.
Descend read_create(TreeWalk& walk, const TSNode& node) {
  const TSNode reference = walk.find_child(node, {"object_reference", "identifier"});
  if (ts_node_is_null(reference)) return Descend::yes;
  TSNode name = TreeWalk::field(reference, "name");
  if (ts_node_is_null(name)) name = reference;
  const bool is_table = walk.is_kind(node, {"create_table", "create_view", "create_materialized_view"});
  const bool is_type = walk.is_kind(node, {"create_type"});
  TSNode body = walk.find_child(node, {"column_definitions", "create_query", "function_body"});
  walk.define({.kind = is_table  ? SymbolKind::table
                       : is_type ? SymbolKind::type_alias
                                 : SymbolKind::function,
               .node = node,
               .name = name,
               .body = body,
               .shown_name = without_quotes(walk.text(name)),
               .traits = is_table || is_type ? 0U : k_function});
  return Descend::yes;
}

Descend read_column(TreeWalk& walk, const TSNode& node) {
  const Symbol* table = walk.scope_symbol();
  const TSNode name = TreeWalk::field(node, "name");
  if (table != nullptr && table->kind == SymbolKind::table && !ts_node_is_null(name))
    walk.define({.kind = SymbolKind::field,
                 .node = node,
                 .name = name,
                 .shown_name = without_quotes(walk.text(name)),
                 .traits = k_no_scope});
  return Descend::yes;
}

constexpr NodeRule k_sql_rules[] = {
    {.nodes = "comment marginalia", .step = Step::comment},
    {.nodes = "statement", .step = Step::wrap},
    {.nodes = "create_table create_view create_materialized_view create_function create_type create_trigger",
     .handler = read_create},
    {.nodes = "column_definition", .fields = "name=none", .handler = read_column},
    {.nodes = "object_reference", .fields = "name=inherit schema=none database=none", .others = Role::inherit},
    {.nodes = "invocation", .others = Role::call},
    {.nodes = "relation", .fields = "alias=none", .others = Role::type},
    {.nodes = "term", .fields = "alias=none"},
    {.nodes = "identifier", .step = Step::leaf},
    {.nodes = "literal", .step = Step::skip},
};

}  // namespace

const LanguageRules& json_rules() {
  static const LanguageRules rules{.language = "json", .grammar = tree_sitter_json, .rules = k_json_rules};
  return rules;
}

const LanguageRules& yaml_rules() {
  static const LanguageRules rules{.language = "yaml", .grammar = tree_sitter_yaml, .rules = k_yaml_rules};
  return rules;
}

const LanguageRules& html_rules() {
  static const LanguageRules rules{.language = "html", .grammar = tree_sitter_html, .rules = k_html_rules};
  return rules;
}

const LanguageRules& css_rules() {
  static const LanguageRules rules{.language = "css",
                                   .grammar = tree_sitter_css,
                                   .rules = k_css_rules,
                                   .module_separator = " ",
                                   .member_separator = " "};
  return rules;
}

const LanguageRules& markdown_rules() {
  static const LanguageRules rules{.language = "markdown",
                                   .grammar = tree_sitter_markdown,
                                   .rules = k_markdown_rules,
                                   .module_separator = " > ",
                                   .member_separator = " > "};
  return rules;
}

const LanguageRules& sql_rules() {
  static const LanguageRules rules{.language = "sql", .grammar = tree_sitter_sql, .rules = k_sql_rules};
  return rules;
}

}  // namespace oc::syntax
