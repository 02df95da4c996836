// SPDX-License-Identifier: Apache-2.0
#include "edit/line_replacement.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

using Lines = std::vector<std::string_view>;

Lines part_of(const Lines& lines, const LineReplacement& one) {
  return {lines.begin() + static_cast<std::ptrdiff_t>(one.begin), lines.begin() + static_cast<std::ptrdiff_t>(one.end)};
}

// Each line with a LF end; the last one of a file may lack its own.
std::string lf_text(const Lines& lines) {
  std::string text;
  for (const std::string_view line : lines) {
    text += base::to_lf(line);
    if (!line.ends_with('\n')) text += '\n';
  }
  return text;
}

// What says nothing new is no change: answers quote what is there, too.
void drop_repeated(std::vector<LineReplacement>& replacements, const Lines& lines) {
  std::erase_if(replacements, [&](const LineReplacement& one) {
    return one.begin <= one.end && one.end <= lines.size() && lf_text(part_of(lines, one)) == one.text;
  });
  std::ranges::stable_sort(replacements, {}, [](const LineReplacement& r) { return std::pair(r.begin, r.end); });
  for (std::size_t i = 0; i < replacements.size(); ++i)
    for (std::size_t k = i + 1; k < replacements.size() && replacements[k].begin == replacements[i].begin;)
      if (replacements[k] == replacements[i]) replacements.erase(replacements.begin() + static_cast<std::ptrdiff_t>(k));
      else ++k;
}

bool is_one_line(std::string_view text) { return text.find('\n') + 1 == text.size(); }

OrRefusal<void> check_order(const std::vector<LineReplacement>& replacements, std::size_t line_count) {
  std::size_t free_from = 0;
  for (std::size_t i = 0; i < replacements.size(); ++i) {
    const LineReplacement& one = replacements[i];
    if (one.end > line_count || one.begin > one.end)
      return refuse(fmt::format("lines {}-{} are behind the file's end", one.begin + 1, one.end));
    // Of lines alone, as imports are, several may be put in one place.
    const bool is_same_place = i > 0 && one.begin == one.end && replacements[i - 1].begin == one.begin &&
                               !(is_one_line(one.text) && is_one_line(replacements[i - 1].text));
    if (one.begin < free_from || is_same_place)
      return refuse(fmt::format("two edits want the place at line {}", one.begin + 1));
    free_from = one.end;
  }
  return {};
}

// The new lines, those that were there before with their bytes of before.
OrRefusal<std::string> in_form_of_lines(const Lines& old_lines, std::string_view new_text, base::LineEnd line_end) {
  const std::string old_lf = lf_text(old_lines);
  const Lines new_lines = lines_with_ends(new_text);
  const LineMatch match = match_lines(lines_with_ends(old_lf), new_lines);
  for (std::size_t i = 0; i < old_lines.size(); ++i)
    if (!match.old_kept[i] && base::find_invalid_utf8(old_lines[i]))
      return refuse("the lines to be replaced hold bytes that are not UTF-8, which would be lost");
  std::string out;
  std::size_t old_index = 0;
  for (std::size_t i = 0; i < new_lines.size(); ++i) {
    if (!match.new_kept[i]) {
      out += base::with_line_end(new_lines[i], line_end);
      continue;
    }
    while (!match.old_kept[old_index]) ++old_index;
    const std::string_view kept = old_lines[old_index++];
    out += kept;
    if (!kept.ends_with('\n')) out += line_end == base::LineEnd::crlf ? "\r\n" : "\n";
  }
  return out;
}

// `last` is the line that had no end before; its own "\r" is none.
void drop_line_end(std::string& text, std::string_view last, std::string_view end_mark) {
  const std::string ended = std::string(last).append(end_mark);
  if (text.ends_with(ended)) text.resize(text.size() - end_mark.size());
  else if (text.ends_with("\r\n")) text.resize(text.size() - 2);
  else if (text.ends_with('\n')) text.pop_back();
}

}  // namespace

OrRefusal<std::string> replace_lines(std::string_view old_bytes, std::vector<LineReplacement> replacements) {
  std::string out;
  std::string_view text = old_bytes;
  if (text.starts_with(base::k_byte_order_mark)) {
    out = base::k_byte_order_mark;
    text.remove_prefix(out.size());
  }
  const Lines lines = lines_with_ends(text);
  drop_repeated(replacements, lines);
  if (auto checked = check_order(replacements, lines.size()); !checked) return std::unexpected(checked.error());
  const base::LineEnd line_end = base::detect_line_end(text);
  const std::string_view end_mark = line_end == base::LineEnd::crlf ? "\r\n" : "\n";
  const bool is_ended = text.empty() || text.ends_with('\n');
  std::size_t next = 0;
  bool is_new_end = false;  // the last line end was not there before
  for (const LineReplacement& one : replacements) {
    for (; next < one.begin; ++next) out += lines[next];
    if (next == lines.size() && !is_ended) {
      out += end_mark;
      is_new_end = true;
    }
    auto written = in_form_of_lines(part_of(lines, one), one.text, line_end);
    if (!written) return written;
    out += *written;
    next = one.end;
    is_new_end = is_new_end || next == lines.size();
  }
  for (; next < lines.size(); ++next) out += lines[next];
  if (!is_ended && is_new_end) drop_line_end(out, lines.back(), end_mark);
  return out;
}

}  // namespace oc::edit
