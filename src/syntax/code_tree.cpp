// SPDX-License-Identifier: Apache-2.0
#include "syntax/code_tree.hpp"

#include <tree_sitter/api.h>

#include <algorithm>

#include "syntax/tree_parser.hpp"

namespace oc::syntax {
namespace {

// The stack of those who go down a tree by calling themselves.
constexpr std::size_t k_deepest = 1000;

std::string_view family_of_grammar(std::string_view language) {
  if (language == "typescript" || language == "tsx") return "javascript";
  if (language == "cpp") return "c";
  return language;
}

class TreeCopy {
 public:
  explicit TreeCopy(std::vector<CodeNode>& nodes) : nodes_(nodes) {}

  // false: too deep.
  bool copy(const TSNode& root) {
    TSTreeCursor cursor = ts_tree_cursor_new(root);
    const bool is_whole = walk(cursor);
    ts_tree_cursor_delete(&cursor);
    return is_whole;
  }

 private:
  bool walk(TSTreeCursor& cursor) {
    while (true) {
      add(cursor);
      if (ts_tree_cursor_goto_first_child(&cursor)) {
        parents_.push_back(static_cast<int>(nodes_.size()) - 1);
        last_.push_back(-1);
        if (parents_.size() > k_deepest) return false;
        continue;
      }
      while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
        if (parents_.empty() || !ts_tree_cursor_goto_parent(&cursor)) return true;
        parents_.pop_back();
        last_.pop_back();
      }
    }
  }

  void add(const TSTreeCursor& cursor) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const char* field = ts_tree_cursor_current_field_name(&cursor);
    const int index = static_cast<int>(nodes_.size());
    nodes_.push_back({.kind = ts_node_type(node),
                      .field = field == nullptr ? std::string_view() : std::string_view(field),
                      .range = {ts_node_start_byte(node), ts_node_end_byte(node)},
                      .line = base::LineNumber(std::int64_t{ts_node_start_point(node).row} + 1),
                      .parent = parents_.empty() ? -1 : parents_.back(),
                      .is_named = ts_node_is_named(node)});
    if (parents_.empty()) return;
    if (last_.back() < 0) nodes_[static_cast<std::size_t>(parents_.back())].first_child = index;
    else nodes_[static_cast<std::size_t>(last_.back())].next = index;
    last_.back() = index;
  }

  std::vector<CodeNode>& nodes_;
  std::vector<int> parents_;
  std::vector<int> last_;
};

}  // namespace

bool is_among(std::string_view word, std::string_view words) {
  if (word.empty()) return false;
  for (std::size_t at = words.find(word); at != std::string_view::npos; at = words.find(word, at + 1)) {
    const bool begins = at == 0 || words[at - 1] == ' ';
    const bool ends = at + word.size() == words.size() || words[at + word.size()] == ' ';
    if (begins && ends) return true;
  }
  return false;
}

bool holds(const ByteRange& outer, const ByteRange& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

std::optional<CodeTree> CodeTree::read(const Language& language, std::string_view text, const OutlineLimits& limits) {
  const Grammar* grammar = find_grammar(language.id);
  if (grammar == nullptr) return std::nullopt;
  TreeParser parser;
  const Parse parse{.text = text, .limits = &limits, .deadline = std::chrono::steady_clock::now() + limits.time};
  const auto [fitting, tree] = parser.parse_language(*grammar, parse);
  if (!tree) return std::nullopt;
  CodeTree made;
  made.text_ = text;
  const std::string_view used = fitting->language_rules().language;
  made.family_ = family_of_grammar(used);
  made.is_typescript_ = used == "typescript" || used == "tsx";
  const TSNode root = ts_tree_root_node(tree.get());
  made.has_errors_ = ts_node_has_error(root);
  if (!TreeCopy(made.nodes_).copy(root)) return std::nullopt;
  return made;
}

std::string_view CodeTree::text_of(int index) const {
  if (index < 0) return {};
  const ByteRange& range = node(index).range;
  return text_.substr(std::min(range.begin, text_.size()), range.end - range.begin);
}

int CodeTree::child(int index, std::string_view field) const {
  if (index < 0) return -1;
  for (int at = node(index).first_child; at >= 0; at = node(at).next)
    if (node(at).field == field && node(at).kind != "comment") return at;
  return -1;
}

std::vector<int> CodeTree::children(int index, std::string_view field) const {
  std::vector<int> found;
  for (int at = index < 0 ? -1 : node(index).first_child; at >= 0; at = node(at).next)
    if (node(at).field == field && node(at).is_named && node(at).kind != "comment") found.push_back(at);
  return found;
}

std::vector<int> CodeTree::children(int index) const {
  std::vector<int> found;
  for (int at = index < 0 ? -1 : node(index).first_child; at >= 0; at = node(at).next)
    if (node(at).is_named && !node(at).kind.ends_with("comment")) found.push_back(at);
  return found;
}

int CodeTree::child_of_kind(int index, std::string_view kind) const {
  for (int at = index < 0 ? -1 : node(index).first_child; at >= 0; at = node(at).next)
    if (node(at).kind == kind) return at;
  return -1;
}

int CodeTree::nearest(int index, std::string_view kinds) const {
  while (index >= 0 && !is_among(node(index).kind, kinds)) index = node(index).parent;
  return index;
}

int CodeTree::covering(const ByteRange& range) const {
  int best = k_root;
  for (int at = k_root; at >= 0;) {
    best = node(at).is_named ? at : best;
    int inner = node(at).first_child;
    while (inner >= 0 && !holds(node(inner).range, range)) inner = node(inner).next;
    at = inner;
  }
  return best;
}

int CodeTree::exact(const ByteRange& range) const {
  const int found = covering(range);
  return node(found).range == range ? found : -1;
}

bool CodeTree::is_inside(int index, int outer) const {
  while (index > outer) index = node(index).parent;
  return index == outer;
}

int CodeTree::find_inside(int index, std::string_view kinds) const {
  for (int at = index; at < count() && (at == index || is_inside(at, index)); ++at)
    if (is_among(node(at).kind, kinds)) return at;
  return -1;
}

}  // namespace oc::syntax
