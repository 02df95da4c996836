// SPDX-License-Identifier: Apache-2.0
#include "cli/markdown_painter.hpp"

#include "base/text.hpp"

namespace oc::cli {
namespace {

// Characters of a line (after its indentation) that tell what it is: "```", "# ".
constexpr std::size_t k_telling = 3;

}  // namespace

void MarkdownPainter::add(std::string_view text) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    add_line_part(text.substr(0, end));
    if (end == std::string_view::npos) return;
    if (at_line_start_) decide_line();
    paint_("\n", Style::plain);
    at_line_start_ = true;
    in_code_span_ = false;
    text.remove_prefix(end + 1);
  }
}

void MarkdownPainter::add_line_part(std::string_view part) {
  if (at_line_start_) {
    head_.append(part);
    const std::string_view bare = std::string_view(head_).substr(base::indentation(head_).size());
    if (bare.size() >= k_telling || (!bare.empty() && bare[0] != '`' && bare[0] != '#')) decide_line();
    return;
  }
  if (line_style_ == Style::plain) paint_inline(part);
  else if (!part.empty()) paint_(part, line_style_);
}

void MarkdownPainter::decide_line() {
  at_line_start_ = false;
  const std::string line = std::move(head_);
  head_.clear();
  const std::string_view bare = std::string_view(line).substr(base::indentation(line).size());
  if (bare.starts_with("```")) {
    in_block_ = !in_block_;
    line_style_ = Style::dim;
  } else if (in_block_) {
    line_style_ = Style::code;
  } else {
    line_style_ = bare.starts_with('#') ? Style::heading : Style::plain;
  }
  add_line_part(line);
}

void MarkdownPainter::paint_inline(std::string_view part) {
  while (!part.empty()) {
    const std::size_t tick = part.find('`');
    const std::size_t n = tick == std::string_view::npos ? part.size() : tick + (in_code_span_ ? 1 : 0);
    if (n > 0) paint_(part.substr(0, n), in_code_span_ ? Style::code : Style::plain);
    part.remove_prefix(n);
    if (tick == std::string_view::npos) return;
    in_code_span_ = !in_code_span_;
    if (in_code_span_) {  // the opening tick has the style of what it opens
      paint_(part.substr(0, 1), Style::code);
      part.remove_prefix(1);
    }
  }
}

void MarkdownPainter::finish() {
  if (at_line_start_ && !head_.empty()) decide_line();
}

}  // namespace oc::cli
