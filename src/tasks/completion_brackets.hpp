// SPDX-License-Identifier: Apache-2.0
// How the brackets of a text stand, without knowing its language; a part of completion_text.cpp.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace oc::tasks {

inline bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Is the quote at `at` the begin of a string, not an apostrophe (don't) or a lifetime (&'a)? Letters like f"…" may
// precede.
inline bool begins_string(std::string_view text, std::size_t at) {
  if (text[at] != '\'' || at == 0) return true;
  const char before = text[at - 1];
  if (before == '&' || before == '<') return false;
  if (!is_word(before)) return true;
  return std::string_view("fbruFBRU").find(before) != std::string_view::npos && (at == 1 || !is_word(text[at - 2]));
}

// Calls record(i, open, unopened) behind each byte i: brackets of all kinds that the text up to there opened and did
// not close, and those it closed without having opened them. Strings that end on their line are skipped.
template <class Record>
void scan_brackets(std::string_view text, Record record) {
  std::int32_t open = 0, unopened = 0;
  std::size_t string_end = 0;  // inside a string up to here
  std::size_t lone_until = 0;  // up to here a quote is known to have no mate; keeps this linear
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i < string_end) {
      record(i, open, unopened);
      continue;
    }
    if ((c == '"' || c == '\'' || c == '`') && i >= lone_until && begins_string(text, i)) {
      std::size_t end = i + 1;
      while (end < text.size() && text[end] != c && text[end] != '\n') end += text[end] == '\\' ? 2u : 1u;
      const bool is_closed = end < text.size() && text[end] == c;
      (is_closed ? string_end : lone_until) = std::min(end + (is_closed ? 1 : 0), text.size());
    } else if (c == '(' || c == '[' || c == '{') {
      ++open;
    } else if (c == ')' || c == ']' || c == '}') {
      if (open > 0) --open;
      else ++unopened;
    }
    record(i, open, unopened);
  }
}

// Of a short text: what scan_brackets tells, [n] for its first n bytes.
struct Brackets {
  explicit Brackets(std::string_view text) : open(text.size() + 1, 0), unopened(text.size() + 1, 0) {
    scan_brackets(text, [&](std::size_t i, std::int32_t open_now, std::int32_t unopened_now) {
      open[i + 1] = open_now;
      unopened[i + 1] = unopened_now;
    });
  }
  std::vector<std::int32_t> open, unopened;
};

}  // namespace oc::tasks
