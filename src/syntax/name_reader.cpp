// SPDX-License-Identifier: Apache-2.0
#include "syntax/name_reader.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace oc::syntax {
namespace {

constexpr int k_deepest = 2000;
constexpr std::size_t k_longest_object = 200;

template <std::size_t count>
bool is_one_of(std::string_view word, const std::array<std::string_view, count>& words) {
  return std::ranges::find(words, word) != words.end();
}

constexpr auto k_functions = std::to_array<std::string_view>({"function_definition",
                                                              "lambda",
                                                              "function_declaration",
                                                              "generator_function_declaration",
                                                              "function_expression",
                                                              "generator_function",
                                                              "arrow_function",
                                                              "method_definition",
                                                              "lambda_expression",
                                                              "method_declaration",
                                                              "constructor_declaration",
                                                              "compact_constructor_declaration",
                                                              "func_literal",
                                                              "function_item",
                                                              "closure_expression",
                                                              "function_signature_item",
                                                              "method_elem",
                                                              "function_type",
                                                              "function_signature",
                                                              "method_signature",
                                                              "abstract_method_signature"});
constexpr auto k_types = std::to_array<std::string_view>(
    {"class_definition", "class_declaration", "abstract_class_declaration", "class", "interface_declaration",
     "enum_declaration", "record_declaration", "annotation_type_declaration", "class_specifier", "struct_specifier",
     "union_specifier", "enum_specifier", "struct_item", "enum_item", "impl_item", "trait_item", "type_declaration",
     "type_alias_declaration"});
constexpr auto k_blocks = std::to_array<std::string_view>({"list_comprehension",
                                                           "set_comprehension",
                                                           "dictionary_comprehension",
                                                           "generator_expression",
                                                           "statement_block",
                                                           "for_statement",
                                                           "for_in_statement",
                                                           "catch_clause",
                                                           "switch_body",
                                                           "compound_statement",
                                                           "for_range_loop",
                                                           "if_statement",
                                                           "while_statement",
                                                           "switch_statement",
                                                           "template_declaration",
                                                           "block",
                                                           "expression_switch_statement",
                                                           "type_switch_statement",
                                                           "expression_case",
                                                           "type_case",
                                                           "default_case",
                                                           "communication_case",

                                                           "match_arm",
                                                           "for_expression",
                                                           "if_expression",
                                                           "while_expression",
                                                           "enhanced_for_statement",
                                                           "try_with_resources_statement",
                                                           "switch_block",
                                                           "switch_block_statement_group",
                                                           "switch_rule",
                                                           "type_alias_declaration"});
// Python's statements have no scope of their own.
constexpr auto k_not_in_python =
    std::to_array<std::string_view>({"for_statement", "if_statement", "while_statement", "block"});
constexpr auto k_imports =
    std::to_array<std::string_view>({"import_statement", "import_from_statement", "import_declaration", "import_spec",
                                     "use_declaration", "future_import_statement"});
// The child with the field stands behind a dot.
constexpr auto k_members =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"attribute", "attribute"},
                                                                  {"member_expression", "property"},
                                                                  {"field_expression", "field"},
                                                                  {"selector_expression", "field"},
                                                                  {"field_access", "field"},
                                                                  {"method_invocation", "name"},
                                                                  {"nested_identifier", "property"}});
constexpr auto k_qualified =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"qualified_identifier", "name"},
                                                                  {"scoped_identifier", "name"},
                                                                  {"scoped_type_identifier", "name"},
                                                                  {"qualified_type", "name"},
                                                                  {"nested_type_identifier", "name"}});
// … names something where no name is looked up.
constexpr auto k_keys = std::to_array<std::pair<std::string_view, std::string_view>>({{"keyword_argument", "name"},
                                                                                      {"pair", "key"},
                                                                                      {"pair_pattern", "key"},
                                                                                      {"field_initializer", "field"},
                                                                                      {"field_initializer", "name"},
                                                                                      {"field_pattern", "name"},
                                                                                      {"element_value_pair", "key"},
                                                                                      {"keyed_element", "key"},
                                                                                      {"export_specifier", "alias"}});
constexpr auto k_key_parents =
    std::to_array<std::string_view>({"field_designator", "jsx_attribute", "labeled_statement", "break_statement",
                                     "continue_statement", "goto_statement", "property_signature", "enum_assignment",
                                     "namespace_export", "package_clause", "package_declaration"});
// Macros of Rust whose arguments are expressions.
constexpr auto k_plain_macros = std::to_array<std::string_view>(
    {"assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq", "debug_assert_ne", "print", "println",
     "eprint", "eprintln", "format", "write", "writeln", "panic", "vec", "dbg", "matches"});

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

std::string_view kind_of(const TSNode& node) {
  return ts_node_is_null(node) ? std::string_view() : std::string_view(ts_node_type(node));
}

ByteRange range_of(const TSNode& node) { return {ts_node_start_byte(node), ts_node_end_byte(node)}; }

bool holds(const ByteRange& outer, const ByteRange& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

// The field of its parent that a node is; "" if none.
std::string_view field_of(const TSNode& node, const TSNode& parent) {
  std::string_view field;
  TSTreeCursor cursor = ts_tree_cursor_new(parent);
  for (bool more = ts_tree_cursor_goto_first_child(&cursor); more; more = ts_tree_cursor_goto_next_sibling(&cursor)) {
    if (!ts_node_eq(ts_tree_cursor_current_node(&cursor), node)) continue;
    const char* name = ts_tree_cursor_current_field_name(&cursor);
    if (name != nullptr) field = name;
    break;
  }
  ts_tree_cursor_delete(&cursor);
  return field;
}

TSNode child_of(const TSNode& node, std::string_view field) {
  return ts_node_child_by_field_name(node, field.data(), static_cast<std::uint32_t>(field.size()));
}

std::optional<ScopeKind> scope_kind_of(std::string_view kind, std::string_view language) {
  if (language == "python" && is_one_of(kind, k_not_in_python)) return std::nullopt;
  if (is_one_of(kind, k_functions)) return ScopeKind::function;
  if (is_one_of(kind, k_types)) return ScopeKind::type;
  if (is_one_of(kind, k_blocks)) return ScopeKind::block;
  return std::nullopt;
}

class PlaceReader {
 public:
  PlaceReader(const TSNode& root, std::string_view text, std::string_view language, const NameWatch& watch,
              const Outline& outline)
      : root_(root), text_(text), language_(language), watch_(watch), outline_(outline) {
    for (std::size_t i = 0; i < outline.symbols.size(); ++i)
      declared_.emplace(outline.symbols[i].name_range.begin, static_cast<int>(i));
  }

  NamePlace read(std::string_view name, std::size_t begin, base::LineNumber line) {
    NamePlace place;
    place.name = name;
    place.range = {begin, begin + name.size()};
    place.line = line;
    const TSNode leaf = ts_node_descendant_for_byte_range(root_, static_cast<std::uint32_t>(place.range.begin),
                                                          static_cast<std::uint32_t>(place.range.end));
    place.scope = place.statement = range_of(root_);
    place.statement_line = line;
    find_within(place);
    if (ts_node_is_null(leaf) || range_of(leaf) != place.range || !is_identifier(leaf)) {
      place.role = NameRole::text;
      place.text = text_kind(leaf);
      return place;
    }
    classify(place, leaf);
    find_scope(place, leaf);
    place.is_broken = is_broken(leaf);
    return place;
  }

 private:
  std::string_view text_of(const TSNode& node) const {
    const ByteRange range = range_of(node);
    return range.end <= text_.size() && range.begin < range.end
               ? text_.substr(range.begin, std::min(range.end - range.begin, k_longest_object))
               : std::string_view();
  }

  static bool is_identifier(const TSNode& node) {
    const std::string_view kind = kind_of(node);
    return ts_node_child_count(node) == 0 && ts_node_is_named(node) &&
           (kind.ends_with("identifier") || kind.ends_with("identifier_pattern"));
  }

  static TextKind text_kind(TSNode node) {
    for (int depth = 0; depth < 8 && !ts_node_is_null(node); ++depth, node = ts_node_parent(node)) {
      const std::string_view kind = kind_of(node);
      if (kind.contains("comment")) return TextKind::comment;
      if (kind.contains("string") || kind.contains("char_literal")) return TextKind::string;
      if (kind.starts_with("preproc") || kind == "token_tree") return TextKind::macro;
    }
    return TextKind::other;
  }

  void find_within(NamePlace& place) const {
    for (std::size_t i = 0; i < outline_.symbols.size(); ++i) {
      const Symbol& symbol = outline_.symbols[i];
      if (symbol.range.begin > place.range.begin) break;
      if (holds(symbol.range, place.range) && symbol.name_range.begin != place.range.begin)
        place.within = static_cast<int>(i);
    }
  }

  void classify(NamePlace& place, const TSNode& leaf) {
    if (find_import(place, leaf)) return;
    TSNode node = leaf;
    TSNode parent = ts_node_parent(node);
    while (is_one_of(kind_of(parent), std::to_array<std::string_view>({"template_function", "template_type",
                                                                       "template_method", "destructor_name"}))) {
      node = parent;
      parent = ts_node_parent(node);
    }
    const std::string_view field = ts_node_is_null(parent) ? std::string_view() : field_of(node, parent);
    const std::pair<std::string_view, std::string_view> here{kind_of(parent), field};
    const auto declared = declared_.find(static_cast<std::uint32_t>(ts_node_start_byte(node)));
    if (declared != declared_.end()) {
      place.role = NameRole::declared;
      place.symbol = declared->second;
      if (here.first == "shorthand_property_identifier_pattern") place.is_short = true;
      return;
    }
    const std::string_view kind = kind_of(leaf);
    place.is_short = kind == "shorthand_property_identifier" || kind == "shorthand_property_identifier_pattern" ||
                     kind == "shorthand_field_identifier" || here.first == "shorthand_field_initializer";
    place.is_global = here.first == "global_statement";
    if (here.first == "token_tree" && classify_macro_word(place, parent)) return;
    const bool is_object_free = here.first == "method_invocation" && ts_node_is_null(child_of(parent, "object"));
    place.is_callee = field == "function" || here.first == "method_invocation";
    if (std::ranges::find(k_members, here) != k_members.end() && !is_object_free) {
      place.role = NameRole::member;
      place.object = object_of(parent, node);
    } else if (here.first == "method_reference" && !ts_node_eq(ts_node_named_child(parent, 0), node)) {
      place.role = NameRole::member;
      place.object = text_of(ts_node_named_child(parent, 0));
    } else if (std::ranges::find(k_qualified, here) != k_qualified.end()) {
      place.role = NameRole::qualified;
      place.object = object_of(outermost_qualified(parent), node);
    } else if (is_key(parent, here, kind)) {
      place.role = NameRole::key;
      place.object = literal_type(parent);
    } else if (const auto role = watch_.roles.find(ts_node_start_byte(leaf));
               role != watch_.roles.end() && role->second == Role::local) {
      place.role = NameRole::local;
    }
  }

  bool is_key(const TSNode& parent, const std::pair<std::string_view, std::string_view>& here,
              std::string_view kind) const {
    if (std::ranges::find(k_keys, here) != k_keys.end() || is_one_of(here.first, k_key_parents)) return true;
    if (kind == "statement_identifier" || kind == "label_name" || kind == "package_identifier") return true;
    // Go: the key of `{key: value}` stands in an element of its own.
    const TSNode outer = ts_node_parent(parent);
    return here.first == "literal_element" && kind_of(outer) == "keyed_element" &&
           ts_node_eq(ts_node_named_child(outer, 0), parent);
  }

  // What stands before the dot.
  std::string_view object_of(const TSNode& whole, const TSNode& name) const {
    const std::size_t begin = ts_node_start_byte(whole);
    const std::size_t end = std::min<std::size_t>(ts_node_start_byte(name), text_.size());
    if (begin >= end) return {};
    std::string_view object = base::trim(text_.substr(begin, end - begin));
    while (!object.empty() && std::string_view(".:->? \n\t!").contains(object.back())) object.remove_suffix(1);
    // `a.b(x).c`: too long to be of use, and none that is looked at.
    return object.size() > k_longest_object ? object.substr(object.size() - k_longest_object) : object;
  }

  static TSNode outermost_qualified(TSNode node) {
    for (TSNode up = ts_node_parent(node); kind_of(up) == "qualified_identifier"; up = ts_node_parent(up)) node = up;
    return node;
  }

  std::string_view literal_type(TSNode node) const {
    for (int depth = 0; depth < 5 && !ts_node_is_null(node); ++depth, node = ts_node_parent(node)) {
      const std::string_view kind = kind_of(node);
      if (kind == "composite_literal") return text_of(child_of(node, "type"));
      if (kind == "struct_expression") return text_of(child_of(node, "name"));
    }
    return {};
  }

  // Words in the arguments of a macro are no tree: what stands before them tells. false: as usual.
  bool classify_macro_word(NamePlace& place, TSNode tree) const {
    TSNode macro = tree;
    while (kind_of(macro) == "token_tree") macro = ts_node_parent(macro);
    if (!is_one_of(text_of(child_of(macro, "macro")), k_plain_macros)) {
      place.role = NameRole::text;
      place.text = TextKind::macro;
      return true;
    }
    const std::string_view before = base::trim_end(text_.substr(0, place.range.begin));
    const std::string_view after = text_.substr(place.range.end);
    if (after.starts_with(" = ")) {
      place.role = NameRole::key;
      return true;
    }
    const bool is_member = before.ends_with('.') && !before.ends_with("..");
    if (!is_member && !before.ends_with("::")) return false;
    place.role = is_member ? NameRole::member : NameRole::qualified;
    std::size_t begin = before.size() - (is_member ? 1 : 2);
    const std::size_t end = begin;
    while (begin > 0 && (is_word_character(before[begin - 1]) || before[begin - 1] == ':')) --begin;
    place.object = before.substr(begin, end - begin);
    return true;
  }

  bool find_import(NamePlace& place, const TSNode& leaf) const {
    TSNode child = leaf;
    TSNode node = ts_node_parent(leaf);
    for (int depth = 0; depth < 24 && !ts_node_is_null(node); ++depth) {
      const std::string_view kind = kind_of(node);
      const std::string_view field = field_of(child, node);
      if (kind == "aliased_import" || kind == "import_specifier" || kind == "use_as_clause" || kind == "import_spec" ||
          kind == "export_specifier") {
        const bool has_alias = !ts_node_is_null(child_of(node, "alias"));
        place.is_alias = field == "alias" || (kind == "import_spec" && field == "name");
        place.is_aliased = has_alias && !place.is_alias;
      }
      // `import name from "m"`, `import * as name from "m"`: a name of this file's own choice.
      if (kind == "namespace_import" || (kind == "import_clause" && kind_of(child) == "identifier"))
        place.is_alias = true;
      const bool is_reexport = kind == "export_statement" && !ts_node_is_null(child_of(node, "source"));
      if (is_one_of(kind, k_imports) || is_reexport) {
        place.role = NameRole::imported;
        place.statement = range_of(node);
        place.statement_line = base::LineNumber(std::int64_t{ts_node_start_point(node).row} + 1);
        return true;
      }
      if (kind == "statement_block" || kind == "block" || kind == "compound_statement") break;
      child = node;
      node = ts_node_parent(node);
    }
    place.is_alias = place.is_aliased = false;
    return false;
  }

  void find_scope(NamePlace& place, const TSNode& leaf) const {
    const ByteRange own =
        place.role == NameRole::declared ? outline_.symbols[static_cast<std::size_t>(place.symbol)].range : place.range;
    bool is_var = false;
    TSNode child = leaf;
    TSNode node = ts_node_parent(leaf);
    for (int depth = 0; depth < k_deepest && !ts_node_is_null(node); ++depth) {
      const std::string_view kind = kind_of(node);
      is_var = is_var || kind == "variable_declaration";  // JavaScript's `var` is known in all of the function
      if (kind == "impl_item") place.is_of_trait = place.is_of_trait || !ts_node_is_null(child_of(node, "trait"));
      std::optional<ScopeKind> scope = scope_kind_of(kind, language_);
      TSNode scope_node = node;
      if (kind == "function_declarator" && place.role == NameRole::local) {
        scope = ScopeKind::function;  // of a prototype, or of the function that it belongs to
        scope_node = owner_of(node);
      }
      const bool is_skipped = is_var && place.role == NameRole::local && scope == ScopeKind::block;
      const bool is_own = place.role == NameRole::declared && holds(own, range_of(node));
      if (scope && !is_skipped && !is_own) {
        place.scope_kind = *scope;
        place.is_parameter = kind_of(child).contains("parameter") || kind_of(child).ends_with("declarator");
        place.scope = range_of(scope_node);
        // The other branch of `if let` does not know the name.
        if (kind == "if_expression")
          if (const TSNode then = child_of(node, "consequence"); !ts_node_is_null(then))
            place.scope.end = ts_node_end_byte(then);
        if (place.role != NameRole::imported) place.statement = range_of(child);
        return;
      }
      if (kind != "statement_list") child = node;  // of Go: nothing of its own between a block and its statements
      node = ts_node_parent(node);
    }
    if (place.role != NameRole::imported) place.statement = range_of(child);
  }

  static TSNode owner_of(const TSNode& declarator) {
    TSNode node = ts_node_parent(declarator);
    while (kind_of(node).ends_with("declarator")) node = ts_node_parent(node);
    return kind_of(node) == "function_definition" ? node : declarator;
  }

  static bool is_broken(const TSNode& leaf) {
    bool is_part_seen = false;
    TSNode child = leaf;
    for (TSNode node = ts_node_parent(leaf); !ts_node_is_null(node); node = ts_node_parent(node)) {
      if (ts_node_is_error(node)) return true;
      const std::string_view kind = kind_of(node);
      const bool is_list = ts_node_is_null(ts_node_parent(node)) || kind == "declaration_list" ||
                           kind == "field_declaration_list" || kind == "class_body";
      if (is_list && !is_part_seen) {
        is_part_seen = true;
        if (ts_node_has_error(child)) return true;
      }
      child = node;
    }
    return false;
  }

  TSNode root_;
  std::string_view text_;
  std::string_view language_;
  const NameWatch& watch_;
  const Outline& outline_;
  std::map<std::size_t, int> declared_;
};

}  // namespace

std::vector<NamePlace> read_name_places(const TSNode& root, std::string_view text, std::string_view language,
                                        const NameWatch& watch, const Outline& outline) {
  std::vector<NamePlace> places;
  PlaceReader reader(root, text, language, watch, outline);
  const bool has_dollar = language == "javascript" || language == "typescript" || language == "tsx";
  const auto is_word = [&](char c) { return is_word_character(c) || (has_dollar && c == '$'); };
  std::int64_t line = 1;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      line += text[at] == '\n' ? 1 : 0;
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view word = text.substr(at, end - at);
    if (watch.names->contains(word)) places.push_back(reader.read(word, at, base::LineNumber(line)));
    at = end;
  }
  return places;
}

}  // namespace oc::syntax
