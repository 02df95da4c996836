// SPDX-License-Identifier: Apache-2.0
#include "context/code_lines.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace oc::context {
namespace {

constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

// Does the line begin inside of a string?
bool is_inside_string(const syntax::CodeTree& tree, std::size_t begin) {
  if (begin == 0) return false;
  for (int at = tree.covering({begin - 1, begin + 1}); at >= 0; at = tree.parent(at)) {
    const std::string_view kind = tree.kind(at);
    const bool is_string = kind.ends_with("string") || kind.ends_with("string_content") || kind == "string_fragment" ||
                           kind.ends_with("string_literal") || kind == "jsx_text" || kind == "regex";
    if (is_string && tree.node(at).range.begin < begin && begin < tree.node(at).range.end) return true;
  }
  return false;
}

}  // namespace

std::string_view line_end_of(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

std::size_t begin_of_line(std::string_view text, std::size_t at) {
  const std::size_t end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  if (end != std::string_view::npos) return end + 1;
  return text.starts_with(k_byte_order_mark) ? k_byte_order_mark.size() : 0;
}

std::size_t end_of_line(std::string_view text, std::size_t at) {
  const std::size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::string_view indentation_at(std::string_view text, std::size_t at) {
  return base::indentation(text.substr(begin_of_line(text, at)));
}

base::LineNumber line_at(std::string_view text, std::size_t at) {
  return base::LineNumber(1 + std::ranges::count(text.substr(0, at), '\n'));
}

std::string moved_lines(const syntax::CodeTree& tree, const syntax::ByteRange& lines, std::string_view from,
                        std::string_view to) {
  const std::string_view text = tree.text();
  std::string moved;
  for (std::size_t at = lines.begin; at < lines.end;) {
    const std::size_t end = end_of_line(text, at);
    const std::string_view line = text.substr(at, end - at);
    const bool is_moved = line.starts_with(from) && !base::is_blank(line) && !is_inside_string(tree, at);
    if (is_moved) moved.append(to).append(line.substr(from.size()));
    else moved.append(line);
    at = end;
  }
  return moved;
}

}  // namespace oc::context
