// SPDX-License-Identifier: Apache-2.0
#include "context/file_split.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/text.hpp"
#include "context/line_range.hpp"
#include "syntax/outline.hpp"

namespace oc::context {
namespace {

using base::LineNumber;
using base::LineRange;
using base::TokenCount;

// Where a cut may be, from the best kind of place to the worst.
enum class CutLevel { symbols, members, blank_lines, any_line, none };

CutLevel next(CutLevel level) { return static_cast<CutLevel>(static_cast<int>(level) + 1); }

class Splitter {
 public:
  Splitter(const SourceFile& file, TokenCount budget, const CountTokens& count_tokens)
      : file_(file), budget_(budget), count_tokens_(count_tokens) {
    find_cuts();
  }

  base::Result<std::vector<LineRange>> split() {
    const std::int64_t lines = count_lines(file_.text);
    if (lines == 0) return std::move(ranges_);
    OC_CHECK(split({LineNumber(1), LineNumber(lines)}, CutLevel::symbols));
    return std::move(ranges_);
  }

 private:
  // A comment above a symbol belongs to it: the cut is above the comment.
  std::int64_t start_with_comment(const std::vector<std::string_view>& lines, std::int64_t first) const {
    while (first > 1 && !base::is_blank(lines[static_cast<std::size_t>(first - 2)]) &&
           base::indentation(lines[static_cast<std::size_t>(first - 2)]).size() ==
               base::indentation(lines[static_cast<std::size_t>(first - 1)]).size() &&
           is_comment(lines[static_cast<std::size_t>(first - 2)]))
      --first;
    return first;
  }
  static bool is_comment(std::string_view line) {
    const std::string_view text = base::trim(line);
    return text.starts_with("//") || text.starts_with("#") || text.starts_with("*") || text.starts_with("/*") ||
           text.starts_with("--") || text.starts_with("@");
  }

  void find_cuts() {
    const auto lines = base::split_lines(file_.text);
    for (std::size_t i = 1; i < lines.size(); ++i)
      if (base::is_blank(lines[i - 1]) && !base::is_blank(lines[i]))
        blank_cuts_.insert(static_cast<std::int64_t>(i) + 1);
    const auto* language = syntax::find_language_of_file(file_.path, lines.empty() ? "" : lines.front());
    if (language == nullptr) return;
    const auto outline = syntax::OutlineReader().read(*language, file_.text, {});
    if (!outline) return;
    for (const syntax::Symbol& symbol : outline->symbols) {
      const std::int64_t line = start_with_comment(lines, symbol.lines.first.value);
      member_cuts_.insert(line);
      if (symbol.container < 0) symbol_cuts_.insert(line);
    }
  }

  std::vector<LineRange> segments_of(LineRange range, CutLevel level) const {
    std::vector<LineRange> segments;
    const auto add = [&](std::int64_t first, std::int64_t last) {
      segments.push_back({LineNumber(first), LineNumber(last)});
    };
    if (level == CutLevel::any_line) {
      for (std::int64_t line = range.first.value; line <= range.last.value; ++line) add(line, line);
      return segments;
    }
    const auto& cuts = level == CutLevel::symbols   ? symbol_cuts_
                       : level == CutLevel::members ? member_cuts_
                                                    : blank_cuts_;
    std::int64_t first = range.first.value;
    for (auto cut = cuts.upper_bound(first); cut != cuts.end() && *cut <= range.last.value; ++cut) {
      add(first, *cut - 1);
      first = *cut;
    }
    add(first, range.last.value);
    return segments;
  }

  base::Result<TokenCount> count(LineRange range) const { return count_tokens_(text_of_lines(file_, range)); }

  base::Result<void> split(LineRange range, CutLevel level) {
    OC_TRY(const TokenCount tokens, count(range));
    if (tokens <= budget_) {
      ranges_.push_back(range);
      return {};
    }
    if (level == CutLevel::none || range.first == range.last)
      return base::fail(
          base::ErrorKind::too_large,
          fmt::format("line {} of {} has {} tokens, {} fit", range.first.value, base::in_quotes(file_.shown_path),
                      base::format_count(tokens.value), base::format_count(budget_.value)),
          "name the lines that matter with --lines, or allow a larger context with --context");
    return pack(segments_of(range, level), level);
  }

  // As many neighbours together as fit; what alone is too large is cut further.
  base::Result<void> pack(const std::vector<LineRange>& segments, CutLevel level) {
    std::optional<LineRange> open;
    TokenCount used;
    for (const LineRange& segment : segments) {
      OC_TRY(const TokenCount tokens, count(segment));
      if (open && used + tokens <= budget_) {
        open->last = segment.last;
        used += tokens;
        continue;
      }
      if (open) ranges_.push_back(*open);
      open.reset();
      if (tokens <= budget_) {
        open = segment;
        used = tokens;
      } else {
        OC_CHECK(split(segment, next(level)));
      }
    }
    if (open) ranges_.push_back(*open);
    return {};
  }

  const SourceFile& file_;
  TokenCount budget_;
  const CountTokens& count_tokens_;
  std::set<std::int64_t> symbol_cuts_, member_cuts_, blank_cuts_;  // lines that may begin a range
  std::vector<LineRange> ranges_;
};

}  // namespace

base::Result<std::vector<LineRange>> split_file(const SourceFile& file, TokenCount budget,
                                                const CountTokens& count_tokens) {
  return Splitter(file, budget, count_tokens).split();
}

}  // namespace oc::context
