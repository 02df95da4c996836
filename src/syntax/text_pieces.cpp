// SPDX-License-Identifier: Apache-2.0
#include "syntax/text_pieces.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace oc::syntax {
namespace {

constexpr std::string_view k_blanks = " \t\r\n\f\v";
// A signature that has not come to its end by then will not be shown whole anyway.
constexpr std::size_t k_read_at_most = 4096;

bool is_blank_byte(char c) { return k_blanks.find(c) != std::string_view::npos; }

// Appends with every run of blanks as one space; false: there is no room for more.
bool append_collapsed(std::string& line, std::string_view text) {
  for (const char c : text) {
    const bool blank = is_blank_byte(c) || c == '\0';
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
    if (line.size() > k_max_piece) return false;
  }
  return true;
}

void cut_to_size(std::string& line) {
  if (line.size() > k_max_piece) line.resize(cut_at_character(line, k_max_piece).size());
  while (!line.empty() && line.back() == ' ') line.pop_back();
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool take_suffix(std::string_view& text, std::string_view suffix) {
  if (!text.ends_with(suffix)) return false;
  text.remove_suffix(suffix.size());
  return true;
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank_byte(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank_byte(text.back())) text.remove_suffix(1);
  return text;
}

// The marks that open and close the whole of it.
std::string_view without_frame(std::string_view text) {
  text = without_blanks(text);
  if (take_prefix(text, "/*")) {
    while (take_prefix(text, "*") || take_prefix(text, "!") || take_prefix(text, "<")) continue;
    if (take_suffix(text, "*/")) take_suffix(text, "*");
  } else if (take_prefix(text, "--[[")) {
    take_suffix(text, "]]");
  } else if (take_prefix(text, "=begin")) {
    take_suffix(text, "=end");
  } else if (take_prefix(text, "<!--")) {
    take_suffix(text, "-->");
  } else {
    // A docstring: letters for its kind, then one or three quotes.
    std::string_view rest = text.substr(std::min(text.find_first_not_of("rRuUbBfF"), text.size()));
    for (const std::string_view quotes : {"\"\"\"", "'''", "\"", "'"})
      if (take_prefix(rest, quotes)) {
        take_suffix(rest, quotes);
        return rest;
      }
  }
  return text;
}

// The marks at the beginning of one line.
std::string_view without_marks(std::string_view line) {
  line = without_blanks(line);
  for (const std::string_view mark : {"///", "//!", "//", "---", "--", "*"})
    if (take_prefix(line, mark)) break;
  while (take_prefix(line, "#")) continue;
  line = without_blanks(line);
  if (take_prefix(line, "@brief ") || take_prefix(line, "\\brief ")) line = without_blanks(line);
  if (take_prefix(line, "<summary>")) line = without_blanks(line);
  if (take_suffix(line, "</summary>")) line = without_blanks(line);
  return line;
}

bool is_rule_line(std::string_view line) {
  return line.size() > 2 && line.find_first_not_of("-=*#/~_") == std::string_view::npos;
}

}  // namespace

std::string_view cut_at_character(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0U) == 0x80U) --limit;
  return text.substr(0, limit);
}

std::string make_signature(std::string_view text) {
  std::string line;
  const bool whole = append_collapsed(line, text.substr(0, k_read_at_most)) && text.size() <= k_read_at_most;
  cut_to_size(line);
  while (whole && !line.empty() && std::string_view(" {:=;,").find(line.back()) != std::string_view::npos) {
    if (line.ends_with("::")) break;
    line.pop_back();
  }
  if (whole && line.ends_with(" =>")) line.resize(line.size() - 3);
  return line;
}

std::string make_doc(std::string_view comment) {
  std::string doc;
  std::string_view rest = without_frame(comment.substr(0, k_read_at_most));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = without_marks(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const bool is_tag = line.starts_with('@') || line.starts_with('\\') || line.starts_with("<param");
    if (line.empty() || is_rule_line(line) || is_tag) {
      if (!doc.empty()) break;
      if (is_tag) break;
      continue;
    }
    if (!doc.empty()) doc += ' ';
    if (!append_collapsed(doc, line)) break;
  }
  cut_to_size(doc);
  return doc;
}

}  // namespace oc::syntax
