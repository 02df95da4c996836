// SPDX-License-Identifier: Apache-2.0
#include "syntax/c_guards.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace oc::syntax {
namespace {

struct Line {
  std::size_t begin = 0;
  std::size_t end = 0;  // of its text, without the line end
  std::size_t next = 0;
};

Line line_at(std::string_view text, std::size_t begin) {
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  return {begin, end, std::min(end + 1, text.size())};
}

std::string_view trimmed(std::string_view text, const Line& line) {
  return base::trim(text.substr(line.begin, line.end - line.begin));
}

// A line between `#ifdef __cplusplus` and `#endif` that only opens or closes the brace, with or without a comment.
bool is_brace_line(std::string_view line) {
  if (line.empty()) return true;
  const std::size_t comment = std::min(line.find("/*"), line.find("//"));
  std::string_view code = base::trim(line.substr(0, comment));
  if (code.starts_with("extern \"C\"")) code = base::trim(code.substr(std::string_view("extern \"C\"").size()));
  return code.empty() || code == "{" || code == "}" || code == "};";
}

bool is_guard_macro(std::string_view line) {
  static constexpr std::array endings{"_DECLS", "_EXTERN_C", "_NAMESPACE", "_CDECLS", "_HEADER_BEGIN", "_HEADER_END"};
  const auto is_capital = [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); };
  return std::ranges::any_of(endings, [&](std::string_view ending) { return line.ends_with(ending); }) &&
         std::ranges::all_of(line, is_capital) && (line.contains("BEGIN") || line.contains("END"));
}

void blank(std::string& text, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i)
    if (text[i] != '\n' && text[i] != '\r') text[i] = ' ';
}

bool starts_directive(std::string_view line, std::string_view word) {
  if (!line.starts_with('#')) return false;
  return base::trim(line.substr(1)).starts_with(word);
}

// Where the guard that begins with this #ifdef ends; 0: it is no guard.
std::size_t find_guard_end(std::string_view text, const Line& first) {
  constexpr int k_longest_guard = 6;
  Line line = first;
  for (int i = 0; i < k_longest_guard && line.next < text.size(); ++i) {
    line = line_at(text, line.next);
    const std::string_view code = trimmed(text, line);
    if (starts_directive(code, "endif")) return line.end;
    if (!is_brace_line(code)) return 0;
  }
  return 0;
}

}  // namespace

std::string blank_c_guards(std::string_view text) {
  const bool has_guards = text.contains("__cplusplus");
  if (!has_guards && !text.contains("BEGIN_") && !text.contains("_BEGIN")) return {};
  std::string blanked;
  const auto copy = [&]() -> std::string& {
    if (blanked.empty()) blanked = text;
    return blanked;
  };
  for (std::size_t at = 0; at < text.size();) {
    const Line line = line_at(text, at);
    const std::string_view code = trimmed(text, line);
    at = line.next;
    if (starts_directive(code, "if") && code.contains("__cplusplus")) {
      if (const std::size_t end = find_guard_end(text, line); end != 0) {
        blank(copy(), line.begin, end);
        at = end;
      }
    } else if (is_guard_macro(code)) {
      blank(copy(), line.begin, line.end);
    }
  }
  return blanked;
}

}  // namespace oc::syntax
