// SPDX-License-Identifier: Apache-2.0
// "10-20" as people write it, checked against a file.
#pragma once

#include <limits>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "context/source_file.hpp"

namespace oc::context {

// The last line of a range that was left open ("10-"); check_line_range puts the file's last line in its place.
inline constexpr base::LineNumber k_last_line{std::numeric_limits<std::int32_t>::max()};

// "10-20", "10" (that line), "10-" (to the end). Kind `usage` for anything else, for line 0 and for 20-10.
base::Result<base::LineRange> parse_line_range(std::string_view text);

// The range with its open end closed; kind `usage` if a line of it is outside the file.
base::Result<base::LineRange> check_line_range(base::LineRange range, const SourceFile& file);

// The text of those lines, each with its newline as in the file. The range must have been checked.
std::string_view text_of_lines(const SourceFile& file, base::LineRange range);

// "lines 10-20", "line 10".
std::string to_words(base::LineRange range);

}  // namespace oc::context
