// SPDX-License-Identifier: Apache-2.0
#include "edit/text_place.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/elision.hpp"
#include "edit/indentation.hpp"
#include "edit/line_match.hpp"
#include "edit/text_lines.hpp"

namespace oc::edit {
namespace {

using Lines = std::vector<std::string>;
using Views = std::vector<std::string_view>;

constexpr std::size_t k_named_places = 4;  // in a message

// The lines of one side and the other.
struct Quote {
  Lines quoted;
  Lines wanted;
};

enum class Likeness { exact, moved };

// What was added in front of each quoted line that is not blank, or taken away.
struct Shift {
  std::string added;
  std::string removed;
  bool operator==(const Shift&) const = default;
};

std::optional<Shift> shift_between(std::string_view quoted, std::string_view actual) {
  if (actual.ends_with(quoted)) {
    const std::string_view added = actual.substr(0, actual.size() - quoted.size());
    if (base::is_blank(added)) return Shift{std::string(added), ""};
  }
  if (quoted.ends_with(actual)) {
    const std::string_view removed = quoted.substr(0, quoted.size() - actual.size());
    if (base::is_blank(removed)) return Shift{"", std::string(removed)};
  }
  return std::nullopt;
}

// Do the quoted lines stand at `at`, and how far were they moved? moved: blanks at line ends do not count.
std::optional<Shift> match_at(const Views& file, std::size_t at, const Lines& quoted, Likeness likeness) {
  std::optional<Shift> shift;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    const std::string_view actual = file[at + i];
    if (likeness == Likeness::exact) {
      if (quoted[i] != actual) return std::nullopt;
      continue;
    }
    const std::string_view wanted = base::trim_end(quoted[i]);
    const std::string_view there = base::trim_end(actual);
    if (wanted.empty() && there.empty()) continue;
    if (wanted.empty() || there.empty()) return std::nullopt;
    const auto here = shift_between(wanted, there);
    if (!here) return std::nullopt;
    if (!shift) shift = here;
    if (*here != *shift) return std::nullopt;
  }
  return shift.value_or(Shift{});
}

struct Place {
  std::size_t at = 0;
  Shift shift;
};

// Where the quoted lines stand, blanks around each of them aside: Knuth, Morris and Pratt's search.
std::vector<std::size_t> find_candidates(const Views& file, std::size_t from, const Lines& quoted) {
  Views wanted;
  for (const std::string& line : quoted) wanted.push_back(base::trim(line));
  std::vector<std::size_t> borders(wanted.size(), 0);
  for (std::size_t i = 1, known = 0; i < wanted.size(); ++i) {
    while (known > 0 && wanted[i] != wanted[known]) known = borders[known - 1];
    borders[i] = wanted[i] == wanted[known] ? ++known : 0;
  }
  std::vector<std::size_t> found;
  for (std::size_t i = from, known = 0; i < file.size(); ++i) {
    const std::string_view line = base::trim(file[i]);
    while (known > 0 && line != wanted[known]) known = borders[known - 1];
    if (line == wanted[known]) ++known;
    if (known < wanted.size()) continue;
    found.push_back(i + 1 - wanted.size());
    known = borders[known - 1];
  }
  return found;
}

std::vector<Place> find_places(const Views& file, std::size_t from, const Lines& quoted, Likeness likeness) {
  std::vector<Place> places;
  if (quoted.empty()) return places;
  for (const std::size_t at : find_candidates(file, from, quoted))
    if (auto shift = match_at(file, at, quoted, likeness)) places.push_back({at, std::move(*shift)});
  return places;
}

OrRefusal<std::string> moved(const std::string& line, const Shift& shift) {
  if (base::is_blank(line)) return line;
  if (!line.starts_with(shift.removed))
    return refuse(fmt::format("the new line {} is indented less than the lines it replaces", base::in_quotes(line)));
  return shift.added + line.substr(shift.removed.size());
}

Views views_of(const Lines& lines) { return {lines.begin(), lines.end()}; }

// The new text at its place: lines that the change keeps have the bytes that the file has.
OrRefusal<LineReplacement> write_at(const Views& file, const Place& place, const Quote& quote) {
  LineReplacement made{place.at, place.at + quote.quoted.size(), ""};
  const LineMatch match = match_lines(views_of(quote.quoted), views_of(quote.wanted));
  std::size_t old_index = 0;
  for (std::size_t i = 0; i < quote.wanted.size(); ++i) {
    if (match.new_kept[i]) {
      while (!match.old_kept[old_index]) ++old_index;
      made.text += file[place.at + old_index++];
    } else {
      auto line = moved(quote.wanted[i], place.shift);
      if (!line) return std::unexpected(line.error());
      made.text += *line;
    }
    made.text += '\n';
  }
  return made;
}

// Tabs for spaces and the other way round, where the file uses nothing but the other kind. Both sides at once: one of
// them alone may not show how many spaces are a level.
Quote in_style_of(const Views& file, const Quote& quote) {
  Lines all = quote.quoted;
  all.insert(all.end(), quote.wanted.begin(), quote.wanted.end());
  const Lines styled = in_indent_style(indent_style(file), all);
  const auto middle = styled.begin() + static_cast<std::ptrdiff_t>(quote.quoted.size());
  return {{styled.begin(), middle}, {middle, styled.end()}};
}

// Blank lines at the ends of the quoted lines that the file may not have. common: those alone that the new lines have
// as well, so that it stays clear where these go.
enum class BlankEnds { common, all };

Quote without_blank_ends(Quote quote, BlankEnds which) {
  auto& [quoted, wanted] = quote;
  const auto is_blank = [](const std::string& line) { return base::is_blank(line); };
  const auto may_go = [&](bool has_new) { return has_new || which == BlankEnds::all; };
  while (!quoted.empty() && is_blank(quoted.front()) && may_go(!wanted.empty() && is_blank(wanted.front()))) {
    quoted.erase(quoted.begin());
    if (!wanted.empty() && is_blank(wanted.front())) wanted.erase(wanted.begin());
  }
  while (!quoted.empty() && is_blank(quoted.back()) && may_go(!wanted.empty() && is_blank(wanted.back()))) {
    quoted.pop_back();
    if (!wanted.empty() && is_blank(wanted.back())) wanted.pop_back();
  }
  return quote;
}

std::string name_places(const std::vector<Place>& places) {
  std::string names;
  for (std::size_t i = 0; i < std::min(places.size(), k_named_places); ++i)
    names += fmt::format("{}{}", i == 0 ? "" : ", ", places[i].at + 1);
  return places.size() > k_named_places ? names + " …" : names;
}

// Why the quoted lines are found nowhere, as helpful as can be.
Refusal nowhere(const Views& file, const Quote& quote) {
  if (!base::is_blank(joined(quote.wanted)) && find_places(file, 0, quote.wanted, Likeness::moved).size() == 1)
    return {"the lines to be replaced are not in the file, and the new ones are there already"};
  std::set<std::string_view> known;
  for (const std::string_view line : file) known.insert(base::trim(line));
  for (const std::string& line : quote.quoted)
    if (!known.contains(base::trim(line)))
      return {fmt::format("the lines to be replaced are not in the file: there is no line {}",
                          base::in_quotes(base::trim(line)))};
  if (const auto places = find_candidates(file, 0, quote.quoted); places.size() == 1)
    return {
        fmt::format("the lines to be replaced stand at line {}, but they are indented otherwise: quote them with "
                    "the indentation of the file",
                    places.front() + 1)};
  return {"the lines to be replaced are in the file, but not one after the other"};
}

std::unexpected<Refusal> several(const std::vector<Place>& places) {
  return refuse(
      fmt::format("the lines to be replaced stand in {} places (lines {}): more lines around them must be quoted",
                  places.size(), name_places(places)));
}

// The one place from line `from` on: as it is written, or else the only one that is like it in any way.
OrRefusal<LineReplacement> place_lines(const Views& file, std::size_t from, const Quote& quote,
                                       std::optional<std::size_t> stated_line) {
  const auto exact = find_places(file, from, quote.quoted, Likeness::exact);
  const auto stated = std::ranges::find_if(
      exact, [&](const Place& place) { return exact.size() == 1 || (stated_line && place.at == *stated_line); });
  if (stated != exact.end()) return write_at(file, *stated, quote);
  if (!exact.empty()) return several(exact);
  const Quote loosest = in_style_of(file, without_blank_ends(quote, BlankEnds::all));
  const auto places = find_places(file, from, loosest.quoted, Likeness::moved);
  if (places.empty()) return std::unexpected(nowhere(file, quote));
  if (places.size() > 1) return several(places);
  // With as many of the blank lines at its ends as are there.
  for (const Quote& tried : {in_style_of(file, quote), in_style_of(file, without_blank_ends(quote, BlankEnds::common))})
    if (const auto found = find_places(file, from, tried.quoted, Likeness::moved); found.size() == 1)
      return write_at(file, found.front(), tried);
  return write_at(file, places.front(), loosest);
}

bool is_blank_part(const Lines& lines) {
  return std::ranges::all_of(lines, [](const std::string& line) { return base::is_blank(line); });
}

// The lines between two "...", and the indentation of the one before them.
struct Part {
  Lines lines;
  std::size_t elision_indent = 0;
};

// Blank lines are everywhere: they are a place only where they are all there is, or a tool's diff says which.
OrRefusal<std::vector<LineReplacement>> place_blank(const Views& file, const Quote& quote,
                                                    std::optional<std::size_t> stated_line) {
  const bool is_all =
      is_blank_part({file.begin(), file.end()}) && (quote.quoted.empty() || quote.quoted.size() == file.size());
  if (is_all) return std::vector{LineReplacement{0, file.size(), joined(quote.wanted)}};
  const bool is_stated = stated_line && !quote.quoted.empty() && *stated_line + quote.quoted.size() <= file.size() &&
                         match_at(file, *stated_line, quote.quoted, Likeness::exact);
  if (!is_stated)
    return refuse(
        "no line is quoted, so the new lines have no place: quote the lines that stand before or behind them");
  auto made = write_at(file, {*stated_line, {}}, quote);
  if (!made) return std::unexpected(made.error());
  return std::vector{std::move(*made)};
}

std::vector<Part> split_at_elisions(const Lines& lines) {
  std::vector<Part> parts(1);
  for (const std::string& line : lines) {
    if (is_elision(line)) parts.push_back({{}, base::indentation(line).size()});
    else parts.back().lines.push_back(line);
  }
  return parts;
}

// Lines of the file that "..." may stand for are indented at least as far as it: else they are of another function.
// `above`: how far the last quoted line before it is indented, in the quote and in the file.
bool is_left_out_whole(const Views& file, std::size_t begin, std::size_t end, std::size_t elision_indent,
                       std::pair<std::size_t, std::size_t> above) {
  for (std::size_t i = begin; i < end; ++i)
    if (!base::is_blank(file[i]) && base::indentation(file[i]).size() + above.first < elision_indent + above.second)
      return false;
  return true;
}

std::size_t last_indent(const Lines& lines) {
  std::size_t indent = 0;
  for (const std::string& line : lines)
    if (!base::is_blank(line)) indent = base::indentation(line).size();
  return indent;
}

// The parts between the "...", each in its one place behind the one before.
OrRefusal<std::vector<LineReplacement>> place_parts(const Views& file, const Quote& quote) {
  const std::vector<Part> old_parts = split_at_elisions(quote.quoted);
  const std::vector<Part> new_parts = split_at_elisions(quote.wanted);
  if (old_parts.size() != new_parts.size())
    return refuse("the lines that '...' stands for are not the same in the old and in the new text");
  std::vector<LineReplacement> made;
  std::pair<std::size_t, std::size_t> above{0, 0};
  for (std::size_t i = 0; i < old_parts.size(); ++i) {
    if (is_blank_part(old_parts[i].lines)) {
      if (!is_blank_part(new_parts[i].lines)) return refuse("new lines beside '...' have no place");
      continue;
    }
    const std::size_t from = made.empty() ? 0 : made.back().end;
    auto placed = place_lines(file, from, {old_parts[i].lines, new_parts[i].lines}, std::nullopt);
    if (!placed) return std::unexpected(placed.error());
    if (!made.empty() && !is_left_out_whole(file, from, placed->begin, old_parts[i].elision_indent, above))
      return refuse(
          fmt::format("the lines from {} to {}, for which '...' would stand, are not of one block: quote more of them",
                      from + 1, placed->begin));
    const Lines there(file.begin() + static_cast<std::ptrdiff_t>(placed->begin),
                      file.begin() + static_cast<std::ptrdiff_t>(placed->end));
    above = {last_indent(old_parts[i].lines), last_indent(there)};
    made.push_back(std::move(*placed));
  }
  return made;
}

// "..." written to the file would stand there instead of what it stands for.
OrRefusal<void> check_elisions(const Quote& quote) {
  const auto count = [](const Lines& lines) {
    return std::ranges::count_if(lines, [](const std::string& line) { return is_elision(line); });
  };
  if (count(quote.wanted) > count(quote.quoted))
    return refuse("the new text leaves lines out with '...' where the old one does not");
  for (const std::string& line : quote.wanted)
    if (!is_elision(line) && has_inner_elision(line) && std::ranges::find(quote.quoted, line) == quote.quoted.end())
      return refuse(fmt::format("the new line {} leaves something out", base::in_quotes(base::trim(line))));
  return {};
}

}  // namespace

OrRefusal<std::vector<LineReplacement>> place_text(std::string_view file, const TextChange& change) {
  const Views lines = lines_of(file);
  const Quote quote{owned_lines(change.old_text), owned_lines(change.new_text)};
  if (auto checked = check_elisions(quote); !checked) return std::unexpected(checked.error());
  if (is_blank_part(quote.quoted)) return place_blank(lines, quote, change.stated_line);
  auto placed = place_lines(lines, 0, quote, change.stated_line);
  if (placed) return std::vector{std::move(*placed)};
  if (std::ranges::any_of(quote.quoted, [](const std::string& line) { return is_elision(line); }))
    return place_parts(lines, in_style_of(lines, quote));
  return std::unexpected(placed.error());
}

}  // namespace oc::edit
