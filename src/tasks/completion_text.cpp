// SPDX-License-Identifier: Apache-2.0
#include "tasks/completion_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/text.hpp"
#include "tasks/completion_brackets.hpp"

namespace oc::tasks {
namespace {

bool has_word(std::string_view text) { return std::ranges::any_of(text, is_word); }

// A line of a text that has LF line ends; unlike base::split_lines, "a\n" has two: the cursor can be in the second.
struct Line {
  std::size_t begin = 0;
  std::string_view text;
};
std::vector<Line> lines_of(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back({begin, text.substr(begin, end - begin)});
    if (end == text.size()) return lines;
    begin = end + 1;
  }
}

std::size_t width_of(std::string_view line) {
  std::size_t width = 0;
  for (const char c : base::indentation(line)) width += c == '\t' ? 8 - width % 8 : 1;
  return width;
}

bool is_fence(std::string_view line) {
  line = base::trim(line);
  if (!line.starts_with("```")) return false;
  return base::trim(line.substr(3)).find_first_of(" `\"'(=") == std::string_view::npos;
}

// What the steps need to know about the place of the cursor; made once.
struct Cursor {
  Cursor(std::string_view prefix_text, std::string_view suffix_text) : prefix(prefix_text), suffix(suffix_text) {
    const std::vector<Line> above = lines_of(prefix), below = lines_of(suffix);
    head = above.back().text;
    rest = below.front().text;
    for (auto line = above.rbegin() + 1; line != above.rend() && previous.empty(); ++line)
      if (!base::is_blank(line->text)) previous = line->text;
    if (base::is_blank(head) && !base::is_blank(rest)) next.push_back(std::string(head) + std::string(rest));
    for (std::size_t i = 1; i < below.size() && next.size() < 2; ++i)
      if (!base::is_blank(below[i].text)) next.emplace_back(below[i].text);
    for (std::string& line : next) line = base::trim_end(line);
    std::int32_t opened = 0, closed = 0;
    scan_brackets(prefix, [&](std::size_t, std::int32_t open, std::int32_t) { opened = open; });
    scan_brackets(suffix, [&](std::size_t, std::int32_t, std::int32_t unopened) { closed = unopened; });
    closers_needed = std::max(0, opened - closed);
    const auto has_fence = [](const std::vector<Line>& lines) {
      return std::ranges::any_of(lines, [](const Line& line) { return is_fence(line.text); });
    };
    fences_are_normal = has_fence(above) || has_fence(below);
  }

  std::string_view prefix, suffix;
  std::string_view head, rest;      // the cursor's own line, on both sides
  std::string_view previous;        // the nearest line above that is not blank
  std::vector<std::string> next;    // at most two lines that are not blank and follow the inserted text
  std::int32_t closers_needed = 0;  // brackets of the prefix that the suffix does not close
  bool fences_are_normal = false;
};

// The length of a word like <|endoftext|> that `text` begins with; 0 if there is none.
std::size_t special_word_length(std::string_view text) {
  constexpr std::string_view k_wide_bar = "\xEF\xBD\x9C";
  constexpr std::size_t k_longest = 48;
  for (const std::string_view bar : {std::string_view("|"), k_wide_bar}) {
    if (!text.starts_with('<') || !text.substr(1).starts_with(bar)) continue;
    const std::string_view inner = text.substr(1 + bar.size(), k_longest);
    const std::size_t end = inner.find(std::string(bar) + ">");
    if (end == std::string_view::npos || end == 0) continue;
    const auto belongs = [](char c) { return is_word(c) || c == '-'; };
    if (std::ranges::all_of(inner.substr(0, end), belongs)) return 1 + bar.size() + end + bar.size() + 1;
  }
  constexpr auto k_words = std::to_array<std::string_view>(
      {"<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<file_sep>", "<EOT>", "<MID>", "<SUF>"});
  const auto word = std::ranges::find_if(k_words, [&](std::string_view w) { return text.starts_with(w); });
  return word == k_words.end() ? 0 : word->size();
}

void drop_special_words(std::string& text, const Cursor& cursor) {
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    const std::size_t length = special_word_length(std::string_view(text).substr(at));
    if (length == 0) continue;
    const std::string_view word = std::string_view(text).substr(at, length);
    if (cursor.prefix.find(word) != std::string_view::npos || cursor.suffix.find(word) != std::string_view::npos)
      continue;  // this file is about such words
    if (!base::is_blank(std::string_view(text).substr(0, at))) return text.resize(at);
    text.erase(0, at + length);
    return;  // the caller comes round again
  }
}

void drop_fences(std::string& text, const Cursor& cursor) {
  if (cursor.fences_are_normal) return;
  for (const Line& line : lines_of(text)) {
    if (!is_fence(line.text)) continue;
    if (base::is_blank(std::string_view(text).substr(0, line.begin)))
      text.erase(0, std::min(line.begin + line.text.size() + 1, text.size()));
    else text.resize(line.begin);
    return;
  }
}

void drop_double_indentation(std::string& text, const Cursor& cursor) {
  if (cursor.head.empty()) return;  // at the start of a line the indentation is the model's to write
  const bool in_indentation = base::is_blank(cursor.head);
  for (std::size_t end = text.find('\n'); in_indentation && end != std::string::npos; end = text.find('\n')) {
    if (!base::is_blank(std::string_view(text).substr(0, end))) break;
    text.erase(0, end + 1);
  }
  const std::string_view lead = base::indentation(text);
  if (!in_indentation) {
    const bool is_spaced = cursor.head.ends_with(' ') || cursor.head.ends_with('\t');
    if (is_spaced && lead.size() < text.size() && text[lead.size()] != '\n') text.erase(0, lead.size());
    return;
  }
  const std::string_view opener = base::trim_end(cursor.previous);
  const bool must_go_deeper =
      (opener.ends_with(':') || opener.ends_with('{')) && width_of(cursor.head) <= width_of(cursor.previous);
  if (!must_go_deeper) text.erase(0, lead.size());
  else if (width_of(lead) > width_of(cursor.previous) && lead.starts_with(cursor.head))
    text.erase(0, cursor.head.size());
}

// The same line, or the same few lines, three times in a row: all but the first go, and so does what follows.
void cut_repetition(std::string& text, const Cursor& cursor) {
  constexpr std::size_t k_longest_period = 8;
  const std::vector<Line> lines = lines_of(text);
  const std::string first = std::string(cursor.head) + std::string(lines.front().text);
  const auto line = [&](std::size_t i) { return i == 0 ? std::string_view(first) : lines[i].text; };
  std::size_t keep = lines.size();
  for (std::size_t period = 1; period <= k_longest_period; ++period) {
    std::size_t run = 0;
    for (std::size_t i = 0; i + period < keep; ++i) {
      run = line(i) == line(i + period) ? run + 1 : 0;
      if (run < 2 * period) continue;
      const std::size_t begin = i + 1 - 2 * period;
      bool is_blank = true;
      for (std::size_t k = begin; k < begin + period; ++k) is_blank = is_blank && base::is_blank(line(k));
      if (is_blank) continue;
      keep = begin + period;
      break;
    }
  }
  if (keep < lines.size()) text.resize(lines[keep].begin - 1);
}

// From the line on that is the next one of the file anyway.
void cut_at_next_lines(std::string& text, const Cursor& cursor) {
  if (cursor.next.empty()) return;
  const bool inserts_lines = base::is_blank(cursor.head) && !base::is_blank(cursor.rest);
  const std::vector<Line> lines = lines_of(text);
  const Brackets brackets(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i == 0 && !base::is_blank(cursor.head)) continue;
    const std::string full = (i == 0 ? std::string(cursor.head) : "") + std::string(lines[i].text);
    if (base::trim_end(full) != cursor.next[0]) continue;
    bool is_repeated = has_word(cursor.next[0]);
    if (!is_repeated && cursor.next.size() > 1)
      for (std::size_t k = i + 1; k < lines.size() && !is_repeated; ++k)
        if (!base::is_blank(lines[k].text)) {
          is_repeated = base::trim_end(lines[k].text) == cursor.next[1];
          break;
        }
    if (!is_repeated) is_repeated = brackets.unopened[lines[i].begin + lines[i].text.size()] > cursor.closers_needed;
    if (!is_repeated) continue;
    if (i == 0) text.clear();
    else if (inserts_lines)
      text.resize(lines[i].begin + cursor.head.size());  // the rest of the cursor's line comes here
    else text.resize(lines[i].begin - 1);
    return;
  }
}

// May text[at, …) go because the suffix says it again? Not if it is half of a word, and not if its closing brackets
// belong to the inserted text or are needed by the file.
bool may_cut(std::string_view text, const Brackets& brackets, std::size_t at, std::size_t end, const Cursor& cursor) {
  if ((static_cast<unsigned char>(text[at]) & 0xC0u) == 0x80u) return false;
  if (at > 0 && is_word(text[at - 1]) && is_word(text[at])) return false;
  const auto begin = brackets.open.begin();
  const auto lowest =
      std::min_element(begin + static_cast<std::ptrdiff_t>(at), begin + static_cast<std::ptrdiff_t>(end) + 1);
  if (*lowest < brackets.open[at]) return false;
  return brackets.unopened[at] >= std::min(brackets.unopened[end], cursor.closers_needed);
}

void cut_overlap(std::string& text, const Cursor& cursor) {
  constexpr std::size_t k_longest = 4096;
  const Brackets brackets(text);
  // The rest of the cursor's line in the first line of several: the model closed that line and went on.
  const std::string_view rest = base::trim(cursor.rest);
  const std::string_view first = base::trim_end(std::string_view(text).substr(0, text.find('\n')));
  if (!rest.empty() && !base::is_blank(cursor.head) && first.size() < text.size() && first.ends_with(rest) &&
      may_cut(text, brackets, first.size() - rest.size(), first.size(), cursor))
    return text.resize(first.size() - rest.size());
  for (std::size_t length = std::min({text.size(), cursor.suffix.size(), k_longest}); length > 0; --length) {
    const std::size_t at = text.size() - length;
    if (!cursor.suffix.starts_with(std::string_view(text).substr(at))) continue;
    if (!may_cut(text, brackets, at, text.size(), cursor)) continue;
    text.resize(at);
    length = std::min({text.size(), cursor.suffix.size(), k_longest}) + 1;
  }
}

// Words that go on with a statement although they stand further left than its body.
bool continues_statement(std::string_view line) {
  constexpr auto k_words =
      std::to_array<std::string_view>({"else",   "elif", "elsif",   "elseif",  "except", "finally", "catch", "rescue",
                                       "ensure", "case", "default", "when",    "end",    "fi",      "done",  "esac",
                                       "until",  "#if",  "#ifdef",  "#ifndef", "#else",  "#elif",   "#endif"});
  line = base::trim(line);
  std::size_t end = line.starts_with('#') ? 1 : 0;
  while (end < line.size() && is_word(line[end])) ++end;
  return std::ranges::find(k_words, line.substr(0, end)) != k_words.end();
}

bool is_inside_long_string(std::string_view text) {
  for (const std::string_view quote : {"\"\"\"", "'''", "`"}) {
    int count = 0;
    for (std::size_t at = text.find(quote); at != std::string_view::npos; at = text.find(quote, at + quote.size()))
      ++count;
    if (count % 2 != 0) return true;
  }
  return false;
}

// What stands further left than the block the cursor is in, once that block is complete.
void cut_after_block(std::string& text, const Cursor& cursor) {
  const std::vector<Line> lines = lines_of(text);
  const std::string first = std::string(cursor.head) + std::string(lines.front().text);
  std::size_t start = 0;  // the line that the indentation is measured by
  if (base::is_blank(first))
    while (start + 1 < lines.size() && base::is_blank(lines[start].text)) ++start;
  const std::string_view header = base::trim_end(first);
  const bool opens_block = !base::is_blank(cursor.head) && (header.ends_with(':') || header.ends_with('{'));
  const std::size_t least = width_of(start == 0 ? std::string_view(first) : lines[start].text) + (opens_block ? 1 : 0);
  const Brackets brackets(text);
  for (std::size_t i = start + 1; i < lines.size(); ++i) {
    const std::string_view line = lines[i].text;
    if (base::is_blank(line) || width_of(line) >= least) continue;
    const char c = base::trim(line).front();
    const bool closes = c == ')' || c == ']' || c == '}';
    if (closes && brackets.unopened[lines[i].begin + line.size()] <= cursor.closers_needed) continue;
    if (!closes && continues_statement(line)) continue;
    if (is_inside_long_string(std::string_view(text).substr(0, lines[i].begin))) continue;
    return text.resize(lines[i].begin - 1);
  }
}

void cut_blank_end(std::string& text, const Cursor& cursor) {
  const std::size_t end = base::trim_end(text).size();
  if (end == 0) return text.clear();
  const std::size_t first = text.find('\n', end), last = text.rfind('\n');
  if (first == std::string::npos) return;
  if (base::is_blank(cursor.rest)) text.resize(end);
  else
    text.erase(first, last - first);  // the rest of the cursor's line goes on a line of its own, with its indentation
}

// Valid UTF-8, no carriage returns, of bounded length.
std::string clean_copy(std::string_view raw) {
  constexpr std::size_t k_longest = 32 << 10;
  std::string text = base::replace_invalid_utf8(raw.substr(0, 2 * k_longest));
  std::erase(text, '\r');
  if (text.size() > k_longest) text.resize(base::complete_utf8_prefix(std::string_view(text).substr(0, k_longest)));
  return text;
}

}  // namespace

std::string trim_completion(std::string_view raw, std::string_view prefix, std::string_view suffix,
                            CompletionShape shape) {
  const Cursor cursor(prefix, suffix);
  std::string text = clean_copy(raw);
  // Every step only takes away, so this ends; and what it ends with is left alone by every step: trimming twice is
  // once.
  for (std::size_t size = text.size() + 1; text.size() < size;) {
    size = text.size();
    drop_special_words(text, cursor);
    drop_fences(text, cursor);
    drop_double_indentation(text, cursor);
    if (shape == CompletionShape::single_line) text.resize(std::min(text.find('\n'), text.size()));
    cut_repetition(text, cursor);
    cut_at_next_lines(text, cursor);
    cut_overlap(text, cursor);
    if (shape == CompletionShape::multi_line) cut_after_block(text, cursor);
    cut_blank_end(text, cursor);
  }
  return text;
}

}  // namespace oc::tasks
