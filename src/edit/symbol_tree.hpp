// SPDX-License-Identifier: Apache-2.0
// A text as lines and the symbols that own them: what code_place compares. Immutable; keeps views of the text, which
// must outlive it.
#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::edit {

// Lines [begin, end), from 0.
struct LineSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class SymbolTree {
 public:
  static constexpr int k_none = -2;
  static constexpr int k_file = -1;  // as a container: the file itself

  // `language` null, or without a grammar: a text without symbols.
  SymbolTree(std::string_view text, const syntax::Language* language);
  SymbolTree(const SymbolTree&) = delete;
  SymbolTree& operator=(const SymbolTree&) = delete;
  ~SymbolTree() = default;

  std::size_t line_count() const { return lines_.size(); }
  std::string_view line(std::size_t index) const { return lines_[index]; }
  const std::vector<std::string_view>& lines() const { return lines_; }
  std::string text_of(const LineSpan& span) const;  // each line with its end
  // Is there such a line, blanks around it aside?
  bool has_line(std::string_view line) const;
  bool has_line_in(std::string_view line, const LineSpan& span) const;

  const syntax::Symbol& symbol(int index) const { return outline_.symbols[static_cast<std::size_t>(index)]; }
  // Has it syntax errors? Then some of its symbols may not be seen as such.
  bool is_broken() const { return outline_.syntax_errors > 0; }
  int symbol_count() const { return static_cast<int>(outline_.symbols.size()); }
  std::string_view text_of_body(int index) const;  // "" if it has none
  // What stands directly in a container and can be replaced alone: functions, types, variables, not fields.
  const std::vector<int>& members(int container) const { return members_[static_cast<std::size_t>(container) + 1]; }
  // Fields and the values of an enumeration.
  std::vector<int> fields(int container) const;
  bool can_stand_alone(int symbol) const;
  // A namespace or the like, which may be continued anywhere.
  bool is_open(int symbol) const { return symbol == k_file || this->symbol(symbol).kind == syntax::SymbolKind::module; }
  // Is the symbol inside of the container, at any depth?
  bool is_within(int symbol, int container) const;
  // By name or qualified name, anywhere, definitions before declarations.
  std::vector<int> find_all(std::string_view name) const;
  std::string name_lines(const std::vector<int>& symbols) const;  // "3, 17"

  enum class CommentAbove { left_out, included };
  // With decorators and attributes, and with the comment above but for what is none of it: licenses, directives.
  LineSpan span(int symbol, CommentAbove comment) const;
  LineSpan inside(int container) const;
  // The decorators and attributes that stand on lines of their own.
  LineSpan decorators(int symbol) const;
  bool has_comment_above(int symbol) const;
  // Does another symbol's line, or other code, begin or end on its lines?
  bool shares_lines(int symbol) const;

  // Lines of a container that belong to none of its members or the comments above those.
  std::vector<std::size_t> loose_lines(int container) const;
  bool is_comment(std::size_t line) const { return is_comment_[line]; }
  // Imports of the file itself, not of a block of it.
  const std::vector<const syntax::Import*>& imports() const { return imports_; }
  bool is_import(std::size_t line) const { return import_lines_.contains(line); }
  bool has_import_line(std::string_view line) const;
  // Does the import end on the line on which it begins?
  bool is_whole_import(std::size_t line) const;
  // The line before which an import may be put: behind the first imports, or the first line of code.
  std::size_t place_for_imports() const;

 private:
  void find_members();
  void find_comments();
  void find_imports();
  std::size_t first_line_of_code() const;

  std::string_view text_;
  std::vector<std::string_view> lines_;
  const syntax::Language* language_;
  syntax::Outline outline_;
  std::set<std::string_view> trimmed_lines_;
  std::vector<std::vector<int>> members_;  // of the file, then of each symbol
  std::vector<bool> is_comment_;
  std::vector<const syntax::Import*> imports_;
  std::set<std::size_t> import_lines_;
};

// Lines of code are complete statements as far as brackets tell.
bool has_balanced_brackets(std::string_view line);

}  // namespace oc::edit
