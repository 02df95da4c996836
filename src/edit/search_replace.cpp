// SPDX-License-Identifier: Apache-2.0
#include "edit/search_replace.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::edit {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::size_t k_fewest_marks = 5;
constexpr std::size_t k_usual_marks = 7;
constexpr std::size_t k_most_marks = 9;

struct Marker {
  std::size_t length = 0;
  std::string_view word;  // behind it
};

// A run of `mark` and a word; nullopt if the line is none.
std::optional<Marker> parse_marker(std::string_view line, char mark) {
  const std::string_view text = base::trim(line);
  const std::size_t length = std::min(text.find_first_not_of(mark), text.size());
  if (length < k_fewest_marks || length > k_most_marks) return std::nullopt;
  std::string_view word = base::trim(text.substr(length));
  while (word.ends_with(':')) word.remove_suffix(1);
  return Marker{length, word};
}

bool is_marker(std::string_view line, char mark, std::initializer_list<std::string_view> words) {
  const auto marker = parse_marker(line, mark);
  return marker && std::ranges::find(words, marker->word) != words.end();
}

// The one line in [begin, end) that can divide: of seven "=", or else of nearly as many.
std::optional<std::size_t> find_divider(const Lines& lines, std::size_t begin, std::size_t end,
                                        std::string_view indent) {
  std::vector<std::size_t> usual, others;
  for (std::size_t i = begin; i < end; ++i) {
    const auto marker = parse_marker(lines[i], '=');
    if (!marker || !marker->word.empty() || base::indentation(lines[i]) != indent) continue;
    (marker->length == k_usual_marks ? usual : others).push_back(i);
  }
  if (usual.empty()) usual = others;
  if (usual.size() != 1) return std::nullopt;
  return usual.front();
}

std::string text_of(const Lines& lines, std::size_t begin, std::size_t end) {
  std::string text;
  for (std::size_t i = begin; i < end; ++i) text.append(lines[i]).append("\n");
  return text;
}

}  // namespace

bool begins_search(std::string_view line) { return is_marker(line, '<', {"SEARCH", "ORIGINAL", "OLD"}); }

bool ends_replace(std::string_view line) { return is_marker(line, '>', {"REPLACE", "UPDATED", "NEW"}); }

ReadSearch read_search(const Lines& lines, std::size_t at) {
  ReadSearch read;
  const std::string_view indent = base::indentation(lines[at]);
  const std::size_t begin = at + 1;
  bool is_divided = false;
  const auto ends_here = [&](std::size_t line) {
    if (base::indentation(lines[line]) != indent) return false;
    is_divided = is_divided || is_marker(lines[line], '=', {""});
    return ends_replace(lines[line]) || (is_divided && is_marker(lines[line], '>', {""}));
  };
  std::size_t end = begin;
  // Where the next block begins inside this one, this one was never ended.
  while (end < lines.size() && !begins_search(lines[end]) && !ends_here(end)) ++end;
  read.is_complete = end < lines.size() && !begins_search(lines[end]);
  read.end = read.is_complete ? end + 1 : end;
  const auto divider = find_divider(lines, begin, end, indent);
  if (!divider) {
    if (read.is_complete) read.fault = "a search/replace block must have exactly one line '======='";
    return read;
  }
  read.change.old_text = text_of(lines, begin, *divider);
  read.change.new_text = text_of(lines, *divider + 1, end);
  return read;
}

std::string render_search(const TextChange& change) {
  return fmt::format("<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n", change.old_text, change.new_text);
}

}  // namespace oc::edit
