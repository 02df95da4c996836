// SPDX-License-Identifier: Apache-2.0
// The syntax tree of a text as plain values: what the questions about names, flow and calls are answered from.
// Immutable.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::syntax {

struct CodeNode {
  std::string_view kind;   // as the grammar names it; lives as long as the program
  std::string_view field;  // of its parent; "": none
  ByteRange range;
  base::LineNumber line;  // of its beginning
  int parent = -1;
  int first_child = -1;
  int next = -1;  // sibling
  bool is_named = false;
};

class CodeTree {
 public:
  // nullopt: no grammar, the time was over, nested more than a thousand levels deep. Keeps a view of the text. Linear.
  static std::optional<CodeTree> read(const Language& language, std::string_view text, const OutlineLimits& limits);

  static constexpr int k_root = 0;
  const CodeNode& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  int count() const { return static_cast<int>(nodes_.size()); }
  std::string_view text() const { return text_; }
  std::string_view text_of(int index) const;
  std::string_view kind(int index) const { return index < 0 ? std::string_view() : node(index).kind; }
  // "javascript" also for TypeScript and JSX; "c" for C++ too: the languages that one set of node kinds is good for.
  std::string_view family() const { return family_; }
  bool is_typescript() const { return is_typescript_; }
  bool has_errors() const { return has_errors_; }

  int parent(int index) const { return node(index).parent; }
  // The child with the field; -1: none.
  int child(int index, std::string_view field) const;
  std::vector<int> children(int index, std::string_view field) const;
  // Without tokens and comments.
  std::vector<int> children(int index) const;
  // The first child of the kind, tokens too; -1: none.
  int child_of_kind(int index, std::string_view kind) const;
  bool has_token(int index, std::string_view token) const { return child_of_kind(index, token) >= 0; }
  // The nearest node of one of the kinds (separated by blanks) that holds this one, itself counted; -1: none.
  int nearest(int index, std::string_view kinds) const;
  // The smallest named node that holds the bytes.
  int covering(const ByteRange& range) const;
  // The named node of exactly these bytes, the innermost; -1: none.
  int exact(const ByteRange& range) const;
  bool is_inside(int index, int outer) const;
  // Is a node of one of the kinds inside of it, or itself one?
  int find_inside(int index, std::string_view kinds) const;

 private:
  std::string_view text_;
  std::string_view family_;
  bool is_typescript_ = false;
  bool has_errors_ = false;
  std::vector<CodeNode> nodes_;
};

// Is the word one of these, separated by blanks?
bool is_among(std::string_view word, std::string_view words);
bool holds(const ByteRange& outer, const ByteRange& inner);

}  // namespace oc::syntax
