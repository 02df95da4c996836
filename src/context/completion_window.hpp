// SPDX-License-Identifier: Apache-2.0
// The text on both sides of a cursor, and as much of it as a budget allows. What becomes of it is left to tasks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "context/source_file.hpp"

namespace oc::context {

struct CursorText {
  std::string prefix;  // LF; prefix + suffix is the file's text
  std::string suffix;
};

// The cursor is before character `column` (1-based, Unicode code points, a tab is one) of the line; at most one more
// than the line has characters; by default at the end of the line. The line after a final newline, and line 1 of an
// empty file, exist. Kind `usage`, with the numbers, if the position does not exist.
base::Result<CursorText> split_at_cursor(const SourceFile& file, base::LineNumber line, std::optional<int> column);

struct CompletionWindow {
  std::string prefix;
  std::string suffix;
  base::TokenCount prefix_tokens;
  base::TokenCount suffix_tokens;
  std::int64_t lines_left_out_above = 0;
  std::int64_t lines_left_out_below = 0;
};

// The whole lines nearest to the cursor: about three tokens before it for one behind it, and what one side does not
// need goes to the other. Where lines are left out it is a round number of them (of 8 to 32 in a usual window), so that
// the ends stay where they are while somebody types. prefix_tokens + suffix_tokens never exceed the budget. The
// cursor's own line is always whole: kind `too_large`, with the numbers, if that does not fit. Calls count_tokens O(log
// lines) times, on texts not much larger than the budget.
base::Result<CompletionWindow> trim_window(std::string_view prefix, std::string_view suffix, base::TokenCount budget,
                                           const CountTokens& count_tokens);

}  // namespace oc::context
