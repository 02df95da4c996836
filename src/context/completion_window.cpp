// SPDX-License-Identifier: Apache-2.0
#include "context/completion_window.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/text.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::fail;
using base::TokenCount;

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }

// Offset of the 1-based character in the line; its size for one past the end.
std::size_t offset_of_character(std::string_view line, std::int64_t column) {
  std::size_t offset = 0;
  for (; offset < line.size(); ++offset)
    if (starts_character(line[offset]) && --column == 0) break;
  return offset;
}

// One side of the cursor, cut into lines counted from the cursor: line 0 is the cursor's own.
class Side {
 public:
  enum class Where { before, behind };

  Side(std::string_view text, Where where, const CountTokens& count) : text_(text), where_(where), count_(count) {
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '\n') ends_.push_back(i + 1);
  }

  std::int64_t line_count() const {  // below the cursor an empty rest after the last newline is no line
    const bool open_end = where_ == Where::before || text_.empty() || !text_.ends_with('\n');
    return static_cast<std::int64_t>(ends_.size()) + (open_end ? 1 : 0);
  }

  std::string_view nearest(std::int64_t lines) const {
    if (lines >= line_count()) return text_;
    const auto n = static_cast<std::size_t>(lines);
    return where_ == Where::before ? text_.substr(ends_[ends_.size() - n]) : text_.substr(0, ends_[n - 1]);
  }

  base::Result<TokenCount> tokens_of(std::int64_t lines) const {
    const std::string_view text = nearest(lines);
    if (text.empty()) return TokenCount(0);
    return count_(text);
  }

  struct Fit {
    std::int64_t lines = 1;
    TokenCount tokens;
  };
  // The most lines, at least `known`, within `share`. Doubles first, so that a huge file is not counted.
  base::Result<Fit> find_most_lines(TokenCount share, Fit known) const {
    std::int64_t too_many = line_count() + 1;
    std::int64_t step = 1;
    bool is_bounded = false;  // somewhere below too_many it really was too much: from there on halve
    while (known.lines + 1 < too_many) {
      const std::int64_t lines =
          is_bounded ? known.lines + (too_many - known.lines) / 2 : std::min(known.lines + step, too_many - 1);
      OC_TRY(const TokenCount tokens, tokens_of(lines));
      if (tokens <= share) {
        known = {lines, tokens};
        step *= 2;
      } else {
        too_many = lines;
        is_bounded = true;
      }
    }
    return known;
  }

  // Leaves out a round number of lines, so that the window's far end stays where it is from one keystroke to the next
  // and moves once in many lines: after each move all is computed anew.
  base::Result<Fit> steadied(Fit most) const {
    if (most.lines >= line_count()) return most;
    const auto quarter = static_cast<std::uint64_t>(std::max<std::int64_t>(1, most.lines / 4));
    const auto step = static_cast<std::int64_t>(std::bit_floor(std::min(quarter, k_most_step)));
    const std::int64_t left_out = (line_count() - most.lines + step - 1) / step * step;
    const std::int64_t lines = line_count() - left_out;
    if (lines == most.lines) return most;
    OC_TRY(const TokenCount tokens, tokens_of(lines));
    return Fit{lines, tokens};
  }

 private:
  static constexpr std::uint64_t k_most_step = 32;
  std::string_view text_;
  Where where_;
  const CountTokens& count_;
  std::vector<std::size_t> ends_;  // offsets behind each newline
};

}  // namespace

base::Result<CursorText> split_at_cursor(const SourceFile& file, base::LineNumber line, std::optional<int> column) {
  const std::string_view text = file.text;
  const std::int64_t count = count_lines(text);
  const bool has_open_line = text.empty() || text.ends_with('\n');
  if (line.value < 1 || line.value > count + (has_open_line ? 1 : 0))
    return fail(ErrorKind::usage, fmt::format("line {} is outside {}, which has {} {}", line.value,
                                              base::in_quotes(file.shown_path), count, count == 1 ? "line" : "lines"));
  std::size_t begin = 0;
  for (std::int64_t n = 1; n < line.value; ++n) begin = text.find('\n', begin) + 1;
  const std::string_view content = text.substr(begin, text.find('\n', begin) - begin);
  const std::int64_t length = std::ranges::count_if(content, starts_character);
  const std::int64_t wanted = column ? *column : length + 1;
  if (wanted < 1 || wanted > length + 1)
    return fail(ErrorKind::usage,
                fmt::format("column {} is outside line {} of {}, which has {} {}", wanted, line.value,
                            base::in_quotes(file.shown_path), length, length == 1 ? "character" : "characters"),
                fmt::format("use a column from 1 to {}", length + 1));
  const std::size_t cut = begin + offset_of_character(content, wanted);
  return CursorText{std::string(text.substr(0, cut)), std::string(text.substr(cut))};
}

base::Result<CompletionWindow> trim_window(std::string_view prefix, std::string_view suffix, TokenCount budget,
                                           const CountTokens& count_tokens) {
  const Side before(prefix, Side::Where::before, count_tokens), behind(suffix, Side::Where::behind, count_tokens);
  OC_TRY(const TokenCount least_before, before.tokens_of(1));
  OC_TRY(const TokenCount least_behind, behind.tokens_of(1));
  if (least_before + least_behind > budget)
    return fail(ErrorKind::too_large,
                fmt::format("the line of the cursor needs {} tokens, {} are free",
                            base::format_count((least_before + least_behind).value),
                            base::format_count(std::max<std::int64_t>(0, budget.value))),
                "allow a larger context with --context");
  const TokenCount share = std::clamp(TokenCount(budget.value / 4), least_behind, budget - least_before);
  OC_TRY(Side::Fit below, behind.find_most_lines(share, {1, least_behind}));
  OC_TRY(below, behind.steadied(below));
  OC_TRY(Side::Fit above, before.find_most_lines(budget - below.tokens, {1, least_before}));
  if (above.lines == before.line_count()) {  // what is left of its share
    OC_TRY(below, behind.find_most_lines(budget - above.tokens, below));
    OC_TRY(below, behind.steadied(below));
  } else {
    OC_TRY(above, before.steadied(above));
  }
  CompletionWindow window;
  window.prefix = before.nearest(above.lines);
  window.suffix = behind.nearest(below.lines);
  window.prefix_tokens = above.tokens;
  window.suffix_tokens = below.tokens;
  window.lines_left_out_above = before.line_count() - above.lines;
  window.lines_left_out_below = behind.line_count() - below.lines;
  return window;
}

}  // namespace oc::context
