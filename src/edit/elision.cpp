// SPDX-License-Identifier: Apache-2.0
#include "edit/elision.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/line_match.hpp"
#include "edit/text_lines.hpp"

namespace oc::edit {
namespace {

using View = std::string_view;
using Views = std::vector<View>;

constexpr std::size_t k_longest_phrase = 80;  // of a comment that stands for code

template <std::size_t size>
bool has_any(View text, const std::array<View, size>& words) {
  return std::ranges::any_of(words, [&](View word) { return text.find(word) != View::npos; });
}

template <std::size_t size>
bool starts_with_any(View text, const std::array<View, size>& words) {
  return std::ranges::any_of(words, [&](View word) { return text.starts_with(word); });
}

template <std::size_t size>
bool ends_with_any(View text, const std::array<View, size>& words) {
  return std::ranges::any_of(words, [&](View word) { return text.ends_with(word); });
}

// "existing code", "rest of the function remains unchanged": words of a comment without the dots.
bool says_left_out(View comment) {
  constexpr std::array<View, 12> k_stays{"unchanged",     "remains the same", "remain the same", "stays the same",
                                         "stay the same", "same as before",   "as before",       "same as original",
                                         "no changes",    "omitted",          "not shown",       "remains as is"};
  constexpr std::array<View, 12> k_what{"rest", "remain", "existing", "other",          "previous", "original",
                                        "code", "method", "function", "implementation", "import",   "everything"};
  constexpr std::array<View, 9> k_starts{"existing ", "your existing ", "rest of ",  "the rest of ", "remaining ",
                                         "other ",    "previous ",      "original ", "same "};
  constexpr std::array<View, 16> k_ends{" code",  " methods", " functions", " method",  " function", " implementation",
                                        " logic", " class",   " file",      " imports", " contents", " content",
                                        " here",  " fields",  " members",   " body"};
  if (comment.size() > k_longest_phrase) return false;
  std::string text(comment);
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (text == "unchanged" || text == "omitted" || text == "same as before") return true;
  return (has_any(text, k_stays) && has_any(text, k_what)) ||
         (starts_with_any(text, k_starts) && ends_with_any(text, k_ends));
}

// Without lines, stars and brackets around it.
View undecorated(View text) {
  constexpr View k_front = " \t-=*~#/([{<", k_back = " \t-=*~#/)]}>";
  const std::size_t begin = text.find_first_not_of(k_front);
  if (begin == View::npos) return {};
  return text.substr(begin, text.find_last_not_of(k_back) - begin + 1);
}

constexpr std::array<View, 9> k_comment_marks{"<!--", "{/*", "/*", "//", "--", "#", "*", ";", "%"};

// The words of a comment that is all of the text.
std::optional<View> words_of_comment(View text) {
  const auto mark = std::ranges::find_if(k_comment_marks, [&](View one) { return text.starts_with(one); });
  if (mark == k_comment_marks.end()) return std::nullopt;
  text.remove_prefix(mark->size());
  for (const View end : {View("-->"), View("*/}"), View("*/")})
    if (text.ends_with(end)) text.remove_suffix(end.size());
  return undecorated(text);
}

bool begins_with_dots(View text) { return text.starts_with("...") || text.starts_with("…"); }
bool ends_with_dots(View text) { return text.ends_with("...") || text.ends_with("…"); }

View without_dots(View text) {
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    for (const View dots : {View("."), View("…")}) {
      if (text.starts_with(dots)) text.remove_prefix(dots.size());
      else if (text.ends_with(dots)) text.remove_suffix(dots.size());
      else continue;
      goes_on = true;
    }
  }
  return undecorated(text);
}

// What makes two lines the same.
View core(View line) { return base::trim(line); }

Views cores(const Views& lines, std::size_t begin, std::size_t end) {
  Views out;
  for (std::size_t i = begin; i < end; ++i) out.push_back(core(lines[i]));
  return out;
}

std::vector<Views> split_parts(const Views& old_lines, const Views& code) {
  const Views old_cores = cores(old_lines, 0, old_lines.size());
  const std::set<View> known(old_cores.begin(), old_cores.end());
  std::vector<Views> parts(1);
  for (const View line : code) {
    if (is_elision(line) && !known.contains(core(line))) parts.emplace_back();
    else parts.back().push_back(line);
  }
  // Blank lines beside "..." belong to nobody.
  for (std::size_t i = 0; i < parts.size(); ++i) {
    while (i > 0 && !parts[i].empty() && base::is_blank(parts[i].front())) parts[i].erase(parts[i].begin());
    while (i + 1 < parts.size() && !parts[i].empty() && base::is_blank(parts[i].back())) parts[i].pop_back();
  }
  return parts;
}

// The line of the part that stands beside a "...", and its place.
OrRefusal<std::size_t> check_anchor(const Views& old_lines, const std::vector<std::size_t>& places, std::size_t count,
                                    View line) {
  if (count == 0)
    return refuse(
        fmt::format("the line {} beside '...' is not in the old text, so it does not say what stays: give the old line "
                    "next to it, too",
                    base::in_quotes(core(line))));
  if (places.size() != 1)
    return refuse(fmt::format("the line {} beside '...' stands in {} places, so it does not say what stays",
                              base::in_quotes(core(line)), count));
  if (base::indentation(old_lines[places.front()]) != base::indentation(line))
    return refuse(
        fmt::format("the line {} beside '...' is indented otherwise than in the file", base::in_quotes(core(line))));
  return places.front();
}

// The one place of the part's first line at or behind `from`; what follows it decides between several.
OrRefusal<std::size_t> find_first(const Views& old_lines, std::size_t from, const Views& part) {
  std::vector<std::size_t> places;
  for (std::size_t at = from; at < old_lines.size(); ++at)
    if (core(old_lines[at]) == core(part.front())) places.push_back(at);
  const std::size_t count = places.size();
  for (std::size_t i = 1; i < part.size() && places.size() > 1; ++i)
    std::erase_if(
        places, [&](std::size_t at) { return at + i >= old_lines.size() || core(old_lines[at + i]) != core(part[i]); });
  return check_anchor(old_lines, places, count, part.front());
}

// The same for the part's last line, what stands before it decides.
OrRefusal<std::size_t> find_last(const Views& old_lines, std::size_t from, const Views& part) {
  std::vector<std::size_t> places;
  for (std::size_t at = from; at < old_lines.size(); ++at)
    if (core(old_lines[at]) == core(part.back())) places.push_back(at);
  const std::size_t count = places.size();
  for (std::size_t i = 1; i < part.size() && places.size() > 1; ++i)
    std::erase_if(places, [&](std::size_t at) {
      return at < from + i || core(old_lines[at - i]) != core(part[part.size() - 1 - i]);
    });
  return check_anchor(old_lines, places, count, part.back());
}

// Where more lines go than come, nothing says whether they were meant to go.
OrRefusal<void> check_loss(const Views& old_lines, std::size_t begin, std::size_t end, const Views& part) {
  const Views replaced = cores(old_lines, begin, end);
  const Views wanted = cores(part, 0, part.size());
  const LineMatch match = match_lines(replaced, wanted);
  std::size_t lost = 0, fresh = 0;
  View first_lost;
  for (std::size_t i = 0; i < replaced.size(); ++i)
    if (!match.old_kept[i] && !replaced[i].empty() && lost++ == 0) first_lost = replaced[i];
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!match.new_kept[i] && !wanted[i].empty()) ++fresh;
  if (lost <= fresh) return {};
  return refuse(fmt::format("the line {} is neither in the code nor where '...' stands: give it, or put '...' there",
                            base::in_quotes(first_lost)));
}

void append(std::string& text, const Views& lines, std::size_t begin, std::size_t end) {
  for (std::size_t i = begin; i < end; ++i) text.append(lines[i]).append("\n");
}

}  // namespace

bool is_elision(View line) {
  View text = base::trim(line);
  if (const auto words = words_of_comment(text)) {
    if (begins_with_dots(*words)) return true;
    return says_left_out(ends_with_dots(*words) ? without_dots(*words) : *words);
  }
  if (text.starts_with('[') && text.ends_with(']')) text = base::trim(text.substr(1, text.size() - 2));
  if (!begins_with_dots(text)) return false;
  const View rest = without_dots(text);
  const View behind = base::trim(text.substr(std::min(text.find_first_not_of(".…"), text.size())));
  // Python's own "..." is a statement: the whole line, so it is left to whoever knows the file. "...rest" is a spread.
  if (rest.empty() || words_of_comment(behind)) return true;
  return rest.find(' ') != View::npos && (ends_with_dots(text) || says_left_out(rest));
}

bool has_inner_elision(View line) {
  for (const View braces : {View("{ ... }"), View("{...}"), View("{ … }"), View("{…}")})
    if (line.find(braces) != View::npos) return true;
  for (const View mark : {View("//"), View("/*"), View("#")}) {
    for (std::size_t at = line.find(mark); at != View::npos; at = line.find(mark, at + 1)) {
      if (at == 0 || View(" \t{").find(line[at - 1]) == View::npos) continue;
      const std::size_t end = mark == "/*" ? line.find("*/", at) : View::npos;
      if (is_elision(line.substr(at, end == View::npos ? end : end + 2 - at))) return true;
    }
  }
  return false;
}

OrRefusal<std::string> resolve_elisions(View old_text, View code, Edges edges) {
  const Views old_lines = lines_of(old_text);
  const std::vector<Views> parts = split_parts(old_lines, lines_of(code));
  std::string out;
  std::size_t next = 0;  // the first old line that is not decided yet
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Views& part = parts[i];
    const bool at_begin = i == 0 && edges == Edges::fixed;
    const bool at_end = i + 1 == parts.size() && edges == Edges::fixed;
    if (part.empty()) continue;
    std::size_t begin = 0;
    if (!at_begin) {
      auto found = find_first(old_lines, next, part);
      if (!found) return std::unexpected(found.error());
      begin = *found;
    }
    std::size_t end = old_lines.size();
    if (!at_end) {
      auto found = find_last(old_lines, begin, part);
      if (!found) return std::unexpected(found.error());
      end = *found + 1;
    }
    if (auto checked = check_loss(old_lines, begin, end, part); !checked) return std::unexpected(checked.error());
    append(out, old_lines, next, begin);
    append(out, part, 0, part.size());
    next = end;
  }
  append(out, old_lines, next, old_lines.size());
  return out;
}

}  // namespace oc::edit
