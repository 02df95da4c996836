// SPDX-License-Identifier: Apache-2.0
#include "context/line_range.hpp"

#include <fmt/format.h>

#include <charconv>

#include "base/text.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::fail;

base::Result<base::LineNumber> parse_line(std::string_view digits, std::string_view whole) {
  std::int32_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code == std::errc::result_out_of_range)
    return fail(ErrorKind::usage,
                fmt::format("cannot use the lines {}: the number is too large", base::in_quotes(whole)));
  const bool is_number = code == std::errc{} && end == digits.data() + digits.size() && digits.front() != '-';
  if (!is_number)
    return fail(ErrorKind::usage, fmt::format("cannot understand the lines {}", base::in_quotes(whole)),
                "write 10-20, 10, or 10- for line 10 to the end");
  if (value == 0)
    return fail(ErrorKind::usage,
                fmt::format("cannot use the lines {}: lines are counted from 1", base::in_quotes(whole)));
  return base::LineNumber(value);
}

// Offset of the first byte of a 1-based line; the text's size if there are fewer.
std::size_t offset_of_line(std::string_view text, base::LineNumber line) {
  std::size_t offset = 0;
  for (std::int64_t n = 1; n < line.value; ++n) {
    const std::size_t end = text.find('\n', offset);
    if (end == std::string_view::npos) return text.size();
    offset = end + 1;
  }
  return offset;
}

}  // namespace

base::Result<base::LineRange> parse_line_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  OC_TRY(const base::LineNumber first, parse_line(text.substr(0, dash), text));
  if (dash == std::string_view::npos) return base::LineRange{first, first};
  if (dash + 1 == text.size()) return base::LineRange{first, k_last_line};
  OC_TRY(const base::LineNumber last, parse_line(text.substr(dash + 1), text));
  if (last < first)
    return fail(ErrorKind::usage,
                fmt::format("cannot use the lines {}: the last one comes before the first", base::in_quotes(text)));
  return base::LineRange{first, last};
}

base::Result<base::LineRange> check_line_range(base::LineRange range, const SourceFile& file) {
  const base::LineNumber count(count_lines(file.text));
  if (range.last == k_last_line && range.first <= count) range.last = count;
  const base::LineNumber outside = range.first > count ? range.first : range.last;
  if (outside <= count && range.first.value >= 1 && range.first <= range.last) return range;
  const std::string name = base::in_quotes(file.shown_path);
  if (count.value == 0)
    return fail(ErrorKind::usage, fmt::format("line {} is outside {}, which is empty", outside.value, name));
  return fail(ErrorKind::usage, fmt::format("line {} is outside {}, which has {} {}", outside.value, name, count.value,
                                            count.value == 1 ? "line" : "lines"));
}

std::string_view text_of_lines(const SourceFile& file, base::LineRange range) {
  const std::string_view text = file.text;
  const std::size_t begin = offset_of_line(text, range.first);
  const std::string_view rest = text.substr(begin);
  return rest.substr(0, offset_of_line(rest, base::LineNumber(range.last.value - range.first.value + 2)));
}

std::string to_words(base::LineRange range) {
  return range.first == range.last ? fmt::format("line {}", range.first.value)
                                   : fmt::format("lines {}-{}", range.first.value, range.last.value);
}

}  // namespace oc::context
