// SPDX-License-Identifier: Apache-2.0
// Light highlighting of a streamed answer: code blocks, headings, `code` in text. Only styles are added: without them
// the output is the input, byte for byte.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/console.hpp"

namespace oc::cli {

class MarkdownPainter {
 public:
  using Paint = std::function<void(std::string_view text, Style style)>;
  enum class Start { text, code };
  explicit MarkdownPainter(Paint paint, Start start = Start::text)
      : paint_(std::move(paint)), in_block_(start == Start::code) {}

  // The start of a line decides its style, so up to three characters of it may wait for the next call.
  void add(std::string_view text);
  void finish();

 private:
  void add_line_part(std::string_view part);
  void decide_line();
  void paint_inline(std::string_view part);

  Paint paint_;
  bool in_block_;
  bool at_line_start_ = true;
  bool fence_line_ = false;
  bool in_code_span_ = false;
  Style line_style_ = Style::plain;
  std::string head_;  // of the line, not decided yet
};

}  // namespace oc::cli
