// SPDX-License-Identifier: Apache-2.0
#include "edit/symbol_tree.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/elision.hpp"
#include "edit/text_lines.hpp"

namespace oc::edit {
namespace {

using syntax::Symbol;
using syntax::SymbolKind;

bool is_replaceable(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::function:
    case SymbolKind::method:
    case SymbolKind::class_type:
    case SymbolKind::struct_type:
    case SymbolKind::union_type:
    case SymbolKind::interface_type:
    case SymbolKind::trait_type:
    case SymbolKind::enum_type:
    case SymbolKind::type_alias:
    case SymbolKind::variable:
    case SymbolKind::constant:
    case SymbolKind::macro:
    case SymbolKind::module: return true;
    case SymbolKind::enum_member:
    case SymbolKind::field:
    case SymbolKind::section:
    case SymbolKind::key:
    case SymbolKind::rule:
    case SymbolKind::table: return false;
  }
  return false;
}

std::size_t index_of(base::LineNumber line) { return static_cast<std::size_t>(line.value - 1); }

// A comment that is not about the symbol below it: it stays where it is.
bool is_directive_or_license(std::string_view comment) {
  constexpr std::array<std::string_view, 24> k_directives{
      "go:",      "export ", "nolint", "lint:",   "@ts-",    "eslint", "prettier-", "biome-",
      "NOLINT",   "clang-",  "type:",  "noqa",    "pylint:", "fmt:",   "mypy:",     "pragma:",
      "rubocop:", "nosec",   "SPDX-",  "coding:", "-*-",     "vim:",   "region",    "endregion"};
  const std::string_view text =
      base::trim(comment.substr(std::min(comment.find_first_not_of("/#*-;%! "), comment.size())));
  if (comment.find("-*-") != std::string_view::npos || comment.starts_with("//!")) return true;
  if (std::ranges::any_of(k_directives, [&](std::string_view one) { return text.starts_with(one); })) return true;
  for (const std::string_view word : {"opyright", "OPYRIGHT", "icensed under", "ll rights reserved"})
    if (text.find(word) != std::string_view::npos) return true;
  return false;
}

bool begins_decorator(std::string_view line) {
  const std::string_view text = base::trim(line);
  return (text.starts_with('@') && !text.starts_with("@interface")) || text.starts_with("#[") || text.starts_with("[");
}

}  // namespace

bool has_balanced_brackets(std::string_view line) {
  int depth = 0;
  for (const char c : line) {
    if (std::string_view("([{").find(c) != std::string_view::npos) ++depth;
    if (std::string_view(")]}").find(c) != std::string_view::npos) --depth;
  }
  return depth == 0;
}

SymbolTree::SymbolTree(std::string_view text, const syntax::Language* language)
    : text_(text), lines_(lines_of(text)), language_(language) {
  if (language != nullptr) {
    syntax::OutlineReader reader;
    if (auto outline = reader.read(*language, text, {})) outline_ = std::move(*outline);
  }
  for (const std::string_view line : lines_) trimmed_lines_.insert(base::trim(line));
  find_members();
  find_comments();
  find_imports();
}

void SymbolTree::find_comments() {
  is_comment_.assign(lines_.size(), false);
  if (language_ == nullptr) return;
  const std::string_view mark = language_->line_comment;
  const bool has_blocks = mark == "//" || mark == "--" || mark.empty();
  bool is_inside = false;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::string_view text = base::trim(lines_[i]);
    const bool begins = !is_inside && has_blocks && text.starts_with("/*");
    const bool is_line_comment = !mark.empty() && text.starts_with(mark) && !text.starts_with("#!");
    is_comment_[i] = is_inside || begins || is_line_comment || (mark.empty() && text.starts_with("<!--"));
    if (is_elision(text)) is_comment_[i] = false;  // it is about other lines than those below it
    if (!is_inside && !begins) continue;
    const std::size_t end = text.find("*/", begins ? 2 : 0);
    is_inside = end == std::string_view::npos;
    // Code may stand behind it.
    if (!is_inside && end + 2 < text.size()) is_comment_[i] = false;
  }
}

// Those of the file itself: not within a function, a condition of the preprocessor or a block.
void SymbolTree::find_imports() {
  std::vector<int> depths(lines_.size(), 0);
  int depth = 0;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (lines_[i].starts_with("#endif")) --depth;
    depths[i] = depth;
    if (lines_[i].starts_with("#if")) ++depth;
  }
  const bool is_go = language_ != nullptr && language_->id == "go";
  int lowest = -1;  // a header may have a guard around all of it
  for (const syntax::Import& import : outline_.imports) {
    const std::size_t at = index_of(import.line);
    if (at >= lines_.size() || (!is_go && !base::indentation(lines_[at]).empty())) continue;
    imports_.push_back(&import);
    lowest = lowest < 0 ? depths[at] : std::min(lowest, depths[at]);
  }
  std::erase_if(imports_, [&](const syntax::Import* import) { return depths[index_of(import->line)] > lowest; });
  for (const syntax::Import* import : imports_) import_lines_.insert(index_of(import->line));
}

std::string SymbolTree::text_of(const LineSpan& span) const {
  std::string text;
  for (std::size_t i = span.begin; i < span.end; ++i) text.append(lines_[i]).append("\n");
  return text;
}

std::string_view SymbolTree::text_of_body(int index) const {
  const auto& body = symbol(index).body;
  return body ? text_.substr(body->begin, body->end - body->begin) : std::string_view{};
}

bool SymbolTree::has_line(std::string_view line) const { return trimmed_lines_.contains(base::trim(line)); }

bool SymbolTree::has_line_in(std::string_view line, const LineSpan& span) const {
  return std::any_of(lines_.begin() + static_cast<std::ptrdiff_t>(span.begin),
                     lines_.begin() + static_cast<std::ptrdiff_t>(span.end),
                     [&](std::string_view one) { return base::trim(one) == base::trim(line); });
}

bool SymbolTree::has_import_line(std::string_view line) const {
  return std::ranges::any_of(import_lines_, [&](std::size_t at) { return base::trim(lines_[at]) == base::trim(line); });
}

bool SymbolTree::can_stand_alone(int index) const {
  // What is declared inside a function belongs to it.
  for (int at = symbol(index).container; at >= 0; at = symbol(at).container)
    if (symbol(at).kind == SymbolKind::function || symbol(at).kind == SymbolKind::method) return false;
  // "package main" holds nothing.
  if (symbol(index).kind == SymbolKind::module && !symbol(index).body) return false;
  return is_replaceable(symbol(index).kind);
}

bool SymbolTree::is_within(int index, int container) const {
  int at = symbol(index).container;
  while (at >= 0 && at != container) at = symbol(at).container;
  return at == container || container == k_file;
}

void SymbolTree::find_members() {
  members_.resize(outline_.symbols.size() + 1);
  for (int i = 0; i < symbol_count(); ++i) {
    int around = symbol(i).container;
    while (around >= 0 && symbol(around).kind == SymbolKind::module && !symbol(around).body)
      around = symbol(around).container;
    if (can_stand_alone(i)) members_[static_cast<std::size_t>(around) + 1].push_back(i);
  }
}

std::vector<int> SymbolTree::fields(int container) const {
  std::vector<int> found;
  for (int i = 0; i < symbol_count(); ++i)
    if (symbol(i).container == container &&
        (symbol(i).kind == SymbolKind::field || symbol(i).kind == SymbolKind::enum_member))
      found.push_back(i);
  return found;
}

std::vector<int> SymbolTree::find_all(std::string_view name) const {
  std::vector<int> found;
  for (int i = 0; i < symbol_count(); ++i)
    if (can_stand_alone(i) && (symbol(i).name == name || symbol(i).qualified_name == name)) found.push_back(i);
  const auto is_definition = [&](int i) { return symbol(i).form == syntax::SymbolForm::definition; };
  if (std::ranges::any_of(found, is_definition)) std::erase_if(found, [&](int i) { return !is_definition(i); });
  return found;
}

std::string SymbolTree::name_lines(const std::vector<int>& symbols) const {
  std::string names;
  for (const int i : symbols) names += fmt::format("{}{}", names.empty() ? "" : ", ", symbol(i).lines.first.value);
  return names;
}

LineSpan SymbolTree::span(int index, CommentAbove comment) const {
  const base::LineRange& range = symbol(index).lines;
  LineSpan span{index_of(range.first), std::min(index_of(range.last) + 1, lines_.size())};
  if (comment == CommentAbove::left_out) return span;
  std::size_t top = span.begin;
  while (top > 0 && is_comment_[top - 1]) --top;
  // A block is taken whole or not at all.
  for (std::size_t i = span.begin; i > top; --i) {
    const std::string_view text = base::trim(lines_[i - 1]);
    if (is_directive_or_license(text)) break;
    const bool is_block_inside = text.ends_with("*/") && !text.starts_with("/*");
    if (is_block_inside) {
      std::size_t first = i - 1;
      while (first > top && !base::trim(lines_[first]).starts_with("/*")) --first;
      bool stays = !base::trim(lines_[first]).starts_with("/*");
      for (std::size_t k = first; k < i; ++k) stays = stays || is_directive_or_license(base::trim(lines_[k]));
      if (stays) break;
      i = first + 1;
    }
    span.begin = i - 1;
  }
  return span;
}

LineSpan SymbolTree::inside(int container) const {
  if (container < 0) return {0, lines_.size()};
  return span(container, CommentAbove::left_out);
}

LineSpan SymbolTree::decorators(int index) const {
  const LineSpan all = span(index, CommentAbove::left_out);
  LineSpan found{all.begin, all.begin};
  while (found.end + 1 < all.end && begins_decorator(lines_[found.end])) {
    std::string text(lines_[found.end++]);
    while (!has_balanced_brackets(text) && found.end + 1 < all.end) text += lines_[found.end++];
    // What it decorates begins behind it on the same line.
    const std::string_view last = base::trim(lines_[found.end - 1]);
    const bool is_alone = last.ends_with(')') || last.ends_with(']') || last.find(' ') == std::string_view::npos;
    if (!is_alone) return {all.begin, all.begin};
  }
  return found;
}

bool SymbolTree::has_comment_above(int index) const {
  return span(index, CommentAbove::included).begin < span(index, CommentAbove::left_out).begin;
}

bool SymbolTree::shares_lines(int index) const {
  const LineSpan own = span(index, CommentAbove::left_out);
  for (const int other : members(symbol(index).container)) {
    if (other == index) continue;
    const LineSpan span_of_other = span(other, CommentAbove::left_out);
    if (span_of_other.begin < own.end && own.begin < span_of_other.end) return true;
  }
  const int container = symbol(index).container;
  if (container < 0 || !symbol(container).body) return false;
  const LineSpan around = span(container, CommentAbove::left_out);
  if (around.begin == own.begin) return true;
  // The container's own end may stand behind it: "int f() { … } }".
  const std::size_t end = symbol(index).range.end;
  const std::string_view behind = text_.substr(end, text_.find('\n', end) - end);
  return around.end == own.end && behind.find_first_of("})]") != std::string_view::npos;
}

std::vector<std::size_t> SymbolTree::loose_lines(int container) const {
  std::vector<bool> is_owned(lines_.size(), false);
  for (const int member : members(container)) {
    const LineSpan owned = span(member, CommentAbove::included);
    for (std::size_t i = owned.begin; i < owned.end; ++i) is_owned[i] = true;
  }
  std::vector<std::size_t> loose;
  const LineSpan all = inside(container);
  for (std::size_t i = all.begin; i < all.end; ++i)
    if (!is_owned[i]) loose.push_back(i);
  return loose;
}

// Behind comments, what must stand first, and the text that documents a Python file.
std::size_t SymbolTree::first_line_of_code() const {
  std::size_t at = 0;
  const auto stands_first = [&](std::size_t i) {
    const std::string_view text = base::trim(lines_[i]);
    for (const std::string_view start :
         {"#!", "<?php", "package ", "#pragma once", "\"use strict\"", "'use strict'", "namespace ", "declare("})
      if (text.starts_with(start) && !text.ends_with('{')) return true;
    return text.empty() || is_comment(i);
  };
  while (at < lines_.size() && stands_first(at)) ++at;
  if (at == lines_.size()) return at;
  const std::string_view text = base::trim(lines_[at]);
  for (const std::string_view quotes : {"\"\"\"", "'''"}) {
    if (!text.starts_with(quotes)) continue;
    if (text.size() >= 2 * quotes.size() && text.ends_with(quotes)) return at + 1;
    for (++at; at < lines_.size(); ++at)
      if (lines_[at].find(quotes) != std::string_view::npos) return at + 1;
  }
  // The comment of the first symbol stays with it.
  while (at > 0 && is_comment(at - 1) && !is_directive_or_license(base::trim(lines_[at - 1])) &&
         !base::trim(lines_[at - 1]).starts_with("#!"))
    --at;
  return at;
}

std::size_t SymbolTree::place_for_imports() const {
  if (import_lines_.empty()) return first_line_of_code();
  // Up to the first symbol: what is imported behind one may come too late.
  const auto& all = members(k_file);
  const std::size_t limit = all.empty() ? lines_.size() : span(all.front(), CommentAbove::left_out).begin;
  std::size_t last = *import_lines_.begin();
  for (const std::size_t at : import_lines_)
    if (at < limit) last = at;
  // Where a statement of several lines ends is not known.
  return is_whole_import(last) ? last + 1 : last;
}

bool SymbolTree::is_whole_import(std::size_t at) const {
  const bool needs_quotes = language_->line_comment == "//" && lines_[at].starts_with("import ") &&
                            language_->id.find("script") != std::string_view::npos;
  return has_balanced_brackets(lines_[at]) && !lines_[at].ends_with('\\') &&
         (!needs_quotes || lines_[at].find_first_of("'\"") != std::string_view::npos);
}

}  // namespace oc::edit
