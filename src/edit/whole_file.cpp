// SPDX-License-Identifier: Apache-2.0
#include "edit/whole_file.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "edit/elision.hpp"

namespace oc::edit {
namespace {

constexpr int k_file = SymbolTree::k_file;

// Lines outside of symbols that say something.
std::vector<std::size_t> loose_code(const SymbolTree& tree) {
  std::vector<std::size_t> lines = tree.loose_lines(k_file);
  std::erase_if(lines, [&](std::size_t at) { return base::trim(tree.line(at)).size() < 2 || tree.is_comment(at); });
  return lines;
}

// In a broken file the lines of a function may lie loose: what replaces them is a function.
std::vector<std::size_t> all_code(const SymbolTree& tree) {
  std::vector<std::size_t> lines;
  for (std::size_t at = 0; at < tree.line_count(); ++at)
    if (base::trim(tree.line(at)).size() >= 2 && !tree.is_comment(at)) lines.push_back(at);
  return lines;
}

bool has_elision(const SymbolTree& file, const SymbolTree& code) {
  return std::ranges::any_of(code.lines(),
                             [&](std::string_view line) { return is_elision(line) && !file.has_line(line); });
}

// How many of the lines the other tree lacks.
std::size_t count_lost(const SymbolTree& tree, const std::vector<std::size_t>& lines, const SymbolTree& other) {
  return static_cast<std::size_t>(
      std::ranges::count_if(lines, [&](std::size_t at) { return !other.has_line(tree.line(at)); }));
}

// Comments outside of symbols, those above them as well.
std::vector<std::size_t> outer_comments(const SymbolTree& tree) {
  std::vector<bool> is_inside(tree.line_count(), false);
  for (const int member : tree.members(k_file)) {
    const LineSpan span = tree.span(member, SymbolTree::CommentAbove::left_out);
    for (std::size_t i = span.begin; i < span.end; ++i) is_inside[i] = true;
  }
  std::vector<std::size_t> comments;
  for (std::size_t i = 0; i < tree.line_count(); ++i)
    if (!is_inside[i] && tree.is_comment(i)) comments.push_back(i);
  return comments;
}

bool begins_and_ends_alike(const SymbolTree& file, const std::vector<std::size_t>& lines, const SymbolTree& code,
                           std::size_t lost, bool has_as_many) {
  if (lines.empty()) return !file.members(k_file).empty();
  if (lost * 2 > lines.size()) return false;
  const bool has_begin = code.has_line(file.line(lines.front())), has_end = code.has_line(file.line(lines.back()));
  return (has_begin && has_end) || (lost * 4 <= lines.size() && has_as_many && (has_begin || has_end));
}

bool looks_whole(const SymbolTree& file, const SymbolTree& code) {
  auto lines = loose_code(file), code_lines = file.is_broken() ? all_code(code) : loose_code(code);
  const std::size_t lost = count_lost(file, lines, code);
  if (!begins_and_ends_alike(file, lines, code, lost, code_lines.size() >= lines.size())) return false;
  // What goes must be replaced by something: imports by imports, comments by comments.
  const auto replaces = [&](const std::vector<std::size_t>& of_file, const std::vector<std::size_t>& of_code) {
    return count_lost(file, of_file, code) <= count_lost(code, of_code, file);
  };
  const auto take_imports = [](const SymbolTree& tree, std::vector<std::size_t>& all) {
    std::vector<std::size_t> imports;
    std::ranges::copy_if(all, std::back_inserter(imports), [&](std::size_t at) { return tree.is_import(at); });
    std::erase_if(all, [&](std::size_t at) { return tree.is_import(at); });
    return imports;
  };
  const auto imports = take_imports(file, lines), code_imports = take_imports(code, code_lines);
  return replaces(imports, code_imports) && replaces(lines, code_lines) &&
         replaces(outer_comments(file), outer_comments(code));
}

}  // namespace

std::optional<std::string_view> find_lost_line(const SymbolTree& file, const SymbolTree& code) {
  for (const std::size_t at : loose_code(file))
    if (!code.has_line(file.line(at))) return file.line(at);
  return std::nullopt;
}

OrRefusal<WholeFile> find_whole_file(const SymbolTree& file, const SymbolTree& code, const SymbolMatch& match,
                                     CodeScope scope) {
  if (has_elision(file, code)) return WholeFile::no;
  if (scope == CodeScope::unknown && (!match.find_missing(k_file, k_file).empty() || !looks_whole(file, code)))
    return WholeFile::no;
  for (int i = 0; i < code.symbol_count(); ++i) {
    if (!code.can_stand_alone(i)) continue;
    const auto there = file.find_all(code.symbol(i).qualified_name);
    if (there.size() != 1) continue;
    if (const std::string loss = match.find_loss(there.front(), i); !loss.empty()) return refuse(loss);
  }
  return WholeFile::yes;
}

}  // namespace oc::edit
