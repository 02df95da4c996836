// SPDX-License-Identifier: Apache-2.0
#include "context/import_edit.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "context/code_lines.hpp"

namespace oc::context {
namespace {

using syntax::ByteRange;
using syntax::CodeTree;

std::string_view line_of(std::string_view text, std::size_t begin) {
  return text.substr(begin, end_of_line(text, begin) - begin);
}

bool is_comment_at(const CodeTree& tree, std::size_t begin, std::size_t indent) {
  const std::string_view line = line_of(tree.text(), begin);
  const std::size_t first = line.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || first != indent || line.starts_with("#!")) return false;
  return tree.kind(tree.covering({begin + first, begin + first + 1})).ends_with("comment");
}

}  // namespace

std::optional<ImportedName> find_imported_name(const CodeTree& tree, const ByteRange& name) {
  ImportedName found;
  const int leaf = tree.covering(name);
  found.statement = tree.nearest(leaf, "import_statement import_from_statement export_statement");
  if (found.statement < 0) return std::nullopt;
  found.is_from = true;
  if (tree.kind(found.statement) == "import_from_statement") {
    const auto items = tree.children(found.statement, "name");
    for (const int item : items)
      if (syntax::holds(tree.node(item).range, name)) found.item = item;
    found.is_only = items.size() == 1;
  } else {
    found.item = tree.nearest(leaf, "import_specifier export_specifier");
    if (found.item >= 0) {
      const int list = tree.parent(found.item);
      const bool has_default =
          tree.children(tree.parent(list)).size() > 1 && tree.kind(tree.parent(list)) == "import_clause";
      found.is_only = tree.children(list).size() == 1 && !has_default;
    }
  }
  if (found.item < 0) return std::nullopt;
  return found;
}

ByteRange range_without_name(const CodeTree& tree, const ImportedName& name) {
  if (name.is_only) return lines_with_comment(tree, name.statement);
  int before = -1, after = -1;
  for (int at = tree.node(tree.parent(name.item)).first_child; at >= 0; at = tree.node(at).next) {
    if (!tree.node(at).is_named || tree.kind(at) != tree.kind(name.item)) {
      const bool is_item = tree.node(at).is_named && tree.node(at).field == "name";
      if (!is_item) continue;
    }
    if (at < name.item) before = at;
    if (at > name.item && after < 0) after = at;
  }
  const ByteRange own = tree.node(name.item).range;
  if (after >= 0) return {own.begin, tree.node(after).range.begin};
  if (before >= 0) return {tree.node(before).range.end, own.end};
  // `import d, { name } from "m"`: the braces go with it.
  const ByteRange braces = tree.node(tree.parent(name.item)).range;
  const std::size_t comma = tree.text().rfind(',', braces.begin);
  return {comma, braces.end};
}

bool has_lines_alone(const CodeTree& tree, int statement) {
  const std::string_view text = tree.text();
  const ByteRange range = tree.node(statement).range;
  const std::size_t begin = begin_of_line(text, range.begin);
  if (!base::is_blank(text.substr(begin, range.begin - begin))) return false;
  std::string_view rest = text.substr(range.end, end_of_line(text, range.end) - range.end);
  if (rest.starts_with(';')) rest.remove_prefix(1);
  return base::is_blank(rest);
}

ByteRange lines_with_comment(const CodeTree& tree, int statement) {
  const std::string_view text = tree.text();
  const ByteRange range = tree.node(statement).range;
  ByteRange lines{begin_of_line(text, range.begin), end_of_line(text, range.end)};
  const std::size_t indent = range.begin - lines.begin;
  while (lines.begin > 0) {
    const std::size_t above = begin_of_line(text, lines.begin - 1);
    if (above >= lines.begin || !is_comment_at(tree, above, indent)) break;
    lines.begin = above;
  }
  // A comment at the very top tells of the file, not of what comes next.
  if (begin_of_line(text, 0) == lines.begin && lines.begin != begin_of_line(text, range.begin))
    lines.begin = begin_of_line(text, range.begin);
  return lines;
}

ByteRange lines_to_remove(const CodeTree& tree, int statement) {
  const std::string_view text = tree.text();
  ByteRange lines = lines_with_comment(tree, statement);
  const auto is_blank_line = [&](std::size_t at) { return base::is_blank(line_of(text, at)); };
  const bool is_first = lines.begin == begin_of_line(text, 0);
  std::size_t above = lines.begin, below = lines.end;
  while (above > begin_of_line(text, 0) && is_blank_line(begin_of_line(text, above - 1)))
    above = begin_of_line(text, above - 1);
  while (below < text.size() && is_blank_line(below)) below = end_of_line(text, below);
  // Of the gaps above and below the wider one stays.
  const bool is_below_wider = std::ranges::count(text.substr(lines.end, below - lines.end), '\n') >
                              std::ranges::count(text.substr(above, lines.begin - above), '\n');
  if (is_first || (above < lines.begin && !is_below_wider)) lines.end = below;
  else if (below > lines.end) lines.begin = above;
  if (lines.end == text.size())
    while (lines.begin > begin_of_line(text, 0) && is_blank_line(begin_of_line(text, lines.begin - 1)))
      lines.begin = begin_of_line(text, lines.begin - 1);
  return lines;
}

}  // namespace oc::context
