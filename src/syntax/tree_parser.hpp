// SPDX-License-Identifier: Apache-2.0
// A text becomes a tree, with the grammar that fits it best. Only src/syntax includes this.
#pragma once

#include <tree_sitter/api.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "syntax/grammar.hpp"
#include "syntax/outline.hpp"

namespace oc::syntax {

struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using SyntaxTree = std::unique_ptr<TSTree, TreeDeleter>;

struct Parse {
  std::string_view text;
  const OutlineLimits* limits = nullptr;
  std::chrono::steady_clock::time_point deadline;
};

// One for a thread; keeps its memory from one text to the next.
class TreeParser {
 public:
  TreeParser();
  ~TreeParser();
  TreeParser(const TreeParser&) = delete;
  TreeParser& operator=(const TreeParser&) = delete;

  struct Choice {
    const Grammar* grammar = nullptr;
    SyntaxTree tree;
  };
  // The tree and what it was read with; no tree: the time was over.
  Choice parse_language(const Grammar& grammar, const Parse& parse);

 private:
  SyntaxTree parse(const Grammar& grammar, const Parse& parse);

  // C or C++, whichever fits better.
  Choice parse_header(const Grammar& c, const Parse& parse);

  TSParser* parser_;
};

// Calls visit(node) for each node that is an error or is missing; false from it ends the walk.
template <class Visit>
void for_each_error(const TSNode& root, Visit visit) {
  if (!ts_node_has_error(root)) return;
  TSTreeCursor cursor = ts_tree_cursor_new(root);
  bool goes_on = true;
  for (bool has_node = true; has_node && goes_on;) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const bool is_error = ts_node_is_error(node) || ts_node_is_missing(node);
    if (is_error) goes_on = visit(node);
    // What an error holds is part of the same mistake.
    if (!is_error && ts_node_has_error(node) && ts_tree_cursor_goto_first_child(&cursor)) continue;
    while (has_node && !ts_tree_cursor_goto_next_sibling(&cursor)) has_node = ts_tree_cursor_goto_parent(&cursor);
  }
  ts_tree_cursor_delete(&cursor);
}

std::int64_t count_errors(const TSNode& root);

}  // namespace oc::syntax
