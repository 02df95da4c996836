// SPDX-License-Identifier: Apache-2.0
// One walk through a syntax tree, as the tables of its language say, into an Outline. Only src/syntax includes this;
// the public part is what handlers of the tables may call.
#pragma once

#include <tree_sitter/api.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/grammar.hpp"
#include "syntax/name_reader.hpp"
#include "syntax/outline.hpp"

namespace oc::syntax {

// A place in the text.
struct Mark {
  std::uint32_t byte = 0;
  std::uint32_t row = 0;
};

// What a handler knows about a symbol.
struct Definition {
  SymbolKind kind = SymbolKind::function;
  TSNode node{};                     // its range
  TSNode name{};                     // where its name stands
  TSNode body{};                     // null: none
  TSNode head{};                     // where it begins with a head of its own, like a heading: its signature
  std::string_view qualifier = {};   // "A::B" as written before the name
  std::string_view shown_name = {};  // the name, where it is not the text of `name`
  SymbolForm form = SymbolForm::definition;
  unsigned traits = 0;
};

class TreeWalk {
 public:
  TreeWalk(const Grammar& grammar, std::string_view text, const OutlineLimits& limits,
           std::chrono::steady_clock::time_point deadline, Outline& outline);
  ~TreeWalk();
  TreeWalk(const TreeWalk&) = delete;
  TreeWalk& operator=(const TreeWalk&) = delete;

  void run(const TSNode& root);
  // Tells the role of each of these names that it comes to; must outlive the walk.
  void watch(NameWatch& names) { watch_ = &names; }

  std::string_view text(const TSNode& node) const;
  std::string_view whole_text() const { return text_; }
  std::string_view kind(const TSNode& node) const;
  bool is_kind(const TSNode& node, std::initializer_list<std::string_view> kinds) const;
  static TSNode field(const TSNode& node, std::string_view name);
  // The first named child of one of the kinds; null: none. Looks at the first 64 children.
  TSNode find_child(const TSNode& node, std::initializer_list<std::string_view> kinds) const;
  // Calls visit(child) for each named child that has the field's name (all with "").
  template <class Visit>
  void for_each_child(const TSNode& node, std::string_view field_name, Visit visit);

  bool is_in_function() const { return function_depth_ > 0; }
  bool is_in_type() const { return !scopes_.empty() && scopes_.back().is_type; }
  std::size_t scope_depth() const { return scopes_.size(); }
  // The kind of the symbol whose scope this is; nullptr: the file's.
  const Symbol* scope_symbol() const;
  // The node that holds the one at hand.
  const TSNode& parent() const { return frames_.back().node; }

  // A symbol in the scope at hand. What the walk finds in the node afterwards belongs to it (unless k_no_scope).
  // -1: it has no name that could be shown.
  int define(const Definition& definition);
  // A scope without a symbol of its own: `impl Type { … }`.
  void open_scope(std::string_view name);
  // The scope of a function without a symbol.
  void open_unnamed_function();
  // From here to the end of the file, names are qualified so: `package a.b;`.
  void qualify_rest(std::string_view name);
  void import(const TSNode& at, std::string_view target, ImportForm form, std::vector<std::string> names = {});
  void refer(const TSNode& node, Role role);
  void declare_local(std::string_view name);

 private:
  struct Scope {
    std::string qualified;
    int symbol = -1;
    bool is_type = false;
    bool is_module = false;
    bool is_function = false;
    std::uint32_t local_count = 0;
  };
  struct Frame {
    const CompiledRule* rule = nullptr;
    TSNode node{};
    Role role = Role::name;
    bool has_scope = false;
    bool wraps = false;
    Mark outer;  // where the definition in `wraps` begins
    Mark head;   // … and its signature
  };
  struct CommentRun {
    Mark begin;
    std::uint32_t end = 0;
    std::uint32_t end_row = 0;
    bool is_line = false;
  };

  // true: its children come next.
  bool enter(const TSNode& node);
  void leave();
  void push(const TSNode& node, const CompiledRule& rule, Role role);
  Role role_here() const;
  void close_scope();
  void define_by_rule(const TSNode& node, const CompiledRule& rule);
  void note_comment(const TSNode& node);
  void note_attribute(const TSNode& node);
  std::string qualified_name(const Definition& definition, std::string_view name) const;
  bool is_only_blank(std::uint32_t begin, std::uint32_t end) const;
  std::string find_doc(const Definition& definition, std::uint32_t range_begin) const;
  Mark find_head(const TSNode& node) const;
  bool is_local(std::string_view name) const;
  bool is_time_over();

  const Grammar& grammar_;
  std::string_view text_;
  const OutlineLimits& limits_;
  std::chrono::steady_clock::time_point deadline_;
  Outline& outline_;
  TSTreeCursor cursor_{};
  std::vector<Frame> frames_;
  std::vector<Scope> scopes_;
  std::string rest_qualifier_;
  std::vector<std::string_view> locals_;
  std::uint64_t local_letters_ = 0;
  int function_depth_ = 0;
  bool opens_scope_ = false;  // a handler opened one for the node at hand
  bool has_comment_ = false;
  CommentRun comment_;
  bool has_attribute_ = false;
  Mark attribute_begin_;
  std::uint32_t attribute_end_ = 0;
  std::uint32_t visited_ = 0;
  NameWatch* watch_ = nullptr;
};

template <class Visit>
void TreeWalk::for_each_child(const TSNode& node, std::string_view field_name, Visit visit) {
  const TSFieldId wanted = field_name.empty()
                               ? TSFieldId{0}
                               : ts_language_field_id_for_name(grammar_.language(), field_name.data(),
                                                               static_cast<std::uint32_t>(field_name.size()));
  if (ts_node_is_null(node) || (!field_name.empty() && wanted == 0)) return;
  TSTreeCursor cursor = ts_tree_cursor_new(node);
  for (bool more = ts_tree_cursor_goto_first_child(&cursor); more; more = ts_tree_cursor_goto_next_sibling(&cursor)) {
    if (wanted != 0 && ts_tree_cursor_current_field_id(&cursor) != wanted) continue;
    const TSNode child = ts_tree_cursor_current_node(&cursor);
    if (ts_node_is_named(child)) visit(child);
  }
  ts_tree_cursor_delete(&cursor);
}

}  // namespace oc::syntax
