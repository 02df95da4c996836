// SPDX-License-Identifier: Apache-2.0
#include "edit/unified_diff.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

using Kind = DiffLine::Kind;
using Lines = std::vector<std::string_view>;

// A run of changed lines: [old_begin, old_end) became [new_begin, new_end).
struct Change {
  std::size_t old_begin = 0, old_end = 0;
  std::size_t new_begin = 0, new_end = 0;
};

std::vector<Change> find_changes(const Lines& old_lines, const Lines& new_lines) {
  const LineMatch match = match_lines(old_lines, new_lines);
  std::vector<Change> changes;
  for (std::size_t i = 0, j = 0; i < old_lines.size() || j < new_lines.size(); ++i, ++j) {
    Change change{i, i, j, j};
    while (change.old_end < old_lines.size() && !match.old_kept[change.old_end]) ++change.old_end;
    while (change.new_end < new_lines.size() && !match.new_kept[change.new_end]) ++change.new_end;
    i = change.old_end;
    j = change.new_end;
    if (change.old_begin != i || change.new_begin != j) changes.push_back(change);
  }
  return changes;
}

// "3,7", "3" for one line, "2,0" for none after line 2.
std::string span_text(std::size_t begin, std::size_t end) {
  if (end - begin == 1) return fmt::format("{}", begin + 1);
  return fmt::format("{},{}", begin == end ? begin : begin + 1, end - begin);
}

// Gives every line of the diff to `sink(kind, mark, content)`; content has its line end.
template <class Sink>
class Writer {
 public:
  Writer(const Lines& old_lines, const Lines& new_lines, std::size_t context, Sink sink)
      : old_(old_lines), new_(new_lines), context_(std::min(context, old_lines.size())), sink_(sink) {}

  void write(const std::vector<Change>& changes) {
    for (std::size_t first = 0; first < changes.size();) {
      std::size_t last = first;
      while (last + 1 < changes.size() && changes[last + 1].old_begin - changes[last].old_end <= 2 * context_) ++last;
      write_hunk(changes, first, last);
      first = last + 1;
    }
  }

 private:
  void write_hunk(const std::vector<Change>& changes, std::size_t first, std::size_t last) {
    const std::size_t before = std::min(context_, changes[first].old_begin);
    const std::size_t after = std::min(context_, old_.size() - changes[last].old_end);
    sink_(Kind::hunk, "",
          fmt::format("@@ -{} +{} @@\n", span_text(changes[first].old_begin - before, changes[last].old_end + after),
                      span_text(changes[first].new_begin - before, changes[last].new_end + after)));
    std::size_t at = changes[first].old_begin - before;
    for (std::size_t i = first; i <= last; ++i) {
      write_lines(Kind::context, " ", old_, at, changes[i].old_begin);
      write_lines(Kind::removed, "-", old_, changes[i].old_begin, changes[i].old_end);
      write_lines(Kind::added, "+", new_, changes[i].new_begin, changes[i].new_end);
      at = changes[i].old_end;
    }
    write_lines(Kind::context, " ", old_, at, at + after);
  }

  void write_lines(Kind kind, std::string_view mark, const Lines& lines, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      sink_(kind, mark, lines[i]);
      if (!lines[i].ends_with('\n')) sink_(Kind::note, "\n", "\\ No newline at end of file\n");
    }
  }

  const Lines& old_;
  const Lines& new_;
  std::size_t context_;
  Sink sink_;
};

std::string name_of(std::string_view side, std::string_view label) {
  const std::string name = fmt::format("{}/{}", side, label);
  const bool has_control = std::ranges::any_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  return has_control ? base::in_quotes(name) : name;
}

template <class Sink>
void write_diff(std::string_view old_text, std::string_view new_text, std::string_view label, std::size_t context,
                Sink sink) {
  if (old_text == new_text) return;
  const Lines old_lines = lines_with_ends(old_text);
  const Lines new_lines = lines_with_ends(new_text);
  sink(Kind::header, "--- ", name_of("a", label) + "\n");
  sink(Kind::header, "+++ ", name_of("b", label) + "\n");
  Writer(old_lines, new_lines, context, sink).write(find_changes(old_lines, new_lines));
}

bool has_only_crlf(std::string_view text) {
  for (std::size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1))
    if (at == 0 || text[at - 1] != '\r') return false;
  return true;
}

}  // namespace

std::string unified_diff(std::string_view old_text, std::string_view new_text, std::string_view label,
                         std::size_t context_lines) {
  std::string diff;
  write_diff(old_text, new_text, label, context_lines,
             [&diff](Kind, std::string_view mark, std::string_view content) { diff.append(mark).append(content); });
  return diff;
}

std::vector<DiffLine> diff_lines(std::string_view old_text, std::string_view new_text, std::string_view label,
                                 std::size_t context_lines) {
  const std::string_view shown_end = has_only_crlf(old_text) && has_only_crlf(new_text) ? "" : "\\r";
  std::vector<DiffLine> lines;
  write_diff(old_text, new_text, label, context_lines, [&](Kind kind, std::string_view mark, std::string_view content) {
    const bool is_crlf = content.ends_with("\r\n");
    if (content.ends_with('\n')) content.remove_suffix(is_crlf ? 2 : 1);
    std::string text = kind == Kind::note ? "" : std::string(mark);
    text.append(content);
    if (is_crlf) text.append(shown_end);
    lines.push_back({kind, std::move(text)});
  });
  return lines;
}

}  // namespace oc::edit
