// SPDX-License-Identifier: Apache-2.0
#include "tasks/citations.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "context/source_file.hpp"

namespace oc::tasks {
namespace {

using Verdict = CheckedCitation::Verdict;

// No file has more lines; longer numbers are no lines.
constexpr std::size_t k_most_digits = 8;
// An answer that goes round in circles names no more places.
constexpr std::size_t k_most_citations = 200;
constexpr std::string_view k_not_in_paths = " \t\r\n`\"'()[]{}<>,;|*=:#?!";
constexpr std::string_view k_en_dash = "\xE2\x80\x93";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0; }

// "12" or "L12" at the beginning of `rest`, which is then behind it.
std::optional<base::LineNumber> take_line(std::string_view& rest) {
  std::string_view digits = rest;
  if (digits.starts_with('L') || digits.starts_with('l')) digits.remove_prefix(1);
  std::size_t size = 0;
  std::int64_t line = 0;
  for (; size < digits.size() && is_digit(digits[size]) && size <= k_most_digits; ++size)
    line = line * 10 + (digits[size] - '0');
  if (size == 0 || size > k_most_digits) return std::nullopt;
  rest = digits.substr(size);
  return base::LineNumber(line);
}

std::optional<base::LineRange> parse_lines(std::string_view rest) {
  const auto first = take_line(rest);
  if (!first) return std::nullopt;
  if (rest.starts_with('-')) rest.remove_prefix(1);
  else if (rest.starts_with(k_en_dash)) rest.remove_prefix(k_en_dash.size());
  else return base::LineRange{*first, *first};
  const auto last = take_line(rest);
  if (!last) return base::LineRange{*first, *first};
  return base::LineRange{std::min(*first, *last), std::max(*first, *last)};
}

// Does a name begin at `at`, which is no part of a longer one?
bool begins_name(std::string_view text, std::size_t at) {
  if (at >= 2 && text.substr(at - 2, 2) == "./") return begins_name(text, at - 2);
  return at == 0 || k_not_in_paths.find(text[at - 1]) != std::string_view::npos;
}

// The known path that stands right before a colon; names with blanks are found so, too.
std::optional<std::string> known_path_before(std::string_view text, const std::vector<std::string>& known) {
  std::optional<std::string> longest;
  for (const std::string& path : known)
    if (text.ends_with(path) && begins_name(text, text.size() - path.size()) &&
        (!longest || path.size() > longest->size()))
      longest = path;
  return longest;
}

// The known path of that file name, where no other has it.
std::optional<std::string> known_name_before(std::string_view text, const std::vector<std::string>& known) {
  std::optional<std::string> found;
  for (const std::string& path : known) {
    const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
    if (!text.ends_with(name) || !begins_name(text, text.size() - name.size())) continue;
    if (found && *found != path) return std::nullopt;
    found = path;
  }
  return found;
}

// The word before the colon, if it can be a path: "12:30" and "std::x" are none.
std::string path_word_before(std::string_view text) {
  const std::size_t stop = text.find_last_of(k_not_in_paths);
  std::string word(stop == std::string_view::npos ? text : text.substr(stop + 1));
  std::ranges::replace(word, '\\', '/');
  while (word.starts_with("./")) word.erase(0, 2);
  const std::size_t dot = word.rfind('.');
  const bool has_ending = dot != std::string::npos && dot + 1 < word.size();
  const bool has_folder = word.find('/') != std::string::npos;
  if (word.starts_with("//") || word.ends_with('/') || !(has_ending || has_folder)) return "";
  return std::ranges::any_of(word, is_letter) ? word : "";
}

std::optional<std::string> known_path_ending(const std::string& word, const std::vector<std::string>& known) {
  std::optional<std::string> found;
  for (const std::string& path : known) {
    if (path != word && !path.ends_with("/" + word)) continue;
    if (found && *found != path) return std::nullopt;
    found = path;
  }
  return found;
}

enum class Where { words, code };

std::optional<std::string> cited_path(std::string_view before, const std::vector<std::string>& known, Where where) {
  if (auto path = known_path_before(before, known)) return path;
  if (auto path = known_name_before(before, known)) return path;
  std::string word = path_word_before(before);
  if (word.empty()) return std::nullopt;
  if (auto path = known_path_ending(word, known)) return path;
  if (where == Where::code) return std::nullopt;
  return word;
}

void find_in_line(std::string_view line, const std::vector<std::string>& known, Where where,
                  std::vector<Citation>& found) {
  for (std::size_t at = line.find_first_of(":#"); at != std::string_view::npos && found.size() < k_most_citations;
       at = line.find_first_of(":#", at + 1)) {
    const auto lines = parse_lines(line.substr(at + 1));
    if (!lines) continue;
    auto path = cited_path(line.substr(0, at), known, where);
    if (!path) continue;
    Citation citation{std::move(*path), *lines};
    if (std::ranges::find(found, citation) == found.end()) found.push_back(std::move(citation));
  }
}

bool is_shown(const Citation& citation, const std::vector<context::Piece>& shown) {
  const auto shows = [&](const context::Piece& piece, base::LineNumber line) {
    return piece.form == context::Form::text && piece.path == citation.path && piece.lines.first <= line &&
           line <= piece.lines.last;
  };
  // Pieces that lie behind each other show a range together.
  base::LineNumber line = citation.lines.first;
  while (line <= citation.lines.last) {
    const auto piece = std::ranges::find_if(shown, [&](const context::Piece& each) { return shows(each, line); });
    if (piece == shown.end()) return false;
    line = base::LineNumber(piece->lines.last.value + 1);
  }
  return true;
}

Verdict judge(const Citation& citation, const CitationSources& sources) {
  if (is_shown(citation, sources.shown)) return Verdict::shown;
  const auto file = context::load_indexed_file(citation.path, sources.workspace, sources.file_limit);
  if (!file) return Verdict::no_such_file;
  const bool exists = citation.lines.first.value >= 1 && citation.lines.last.value <= context::count_lines(file->text);
  return exists ? Verdict::not_shown : Verdict::no_such_line;
}

}  // namespace

std::vector<Citation> find_citations(std::string_view answer, const std::vector<std::string>& known) {
  std::vector<Citation> found;
  Where where = Where::words;
  for (const std::string_view line : base::split_lines(answer)) {
    if (base::trim(line).starts_with("```")) where = where == Where::words ? Where::code : Where::words;
    else find_in_line(line, known, where, found);
  }
  return found;
}

std::string_view to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::shown: return "shown";
    case Verdict::not_shown: return "the model was not shown it";
    case Verdict::no_such_line: return "no such line";
    case Verdict::no_such_file: return "no such file";
  }
  return "";
}

std::vector<CheckedCitation> check_citations(std::string_view answer, const CitationSources& sources) {
  std::vector<std::string> known;
  for (const context::Piece& piece : sources.shown) known.push_back(piece.path);
  std::vector<CheckedCitation> checked;
  for (Citation& citation : find_citations(answer, known)) {
    const Verdict verdict = judge(citation, sources);
    checked.push_back({std::move(citation), verdict});
  }
  return checked;
}

}  // namespace oc::tasks
