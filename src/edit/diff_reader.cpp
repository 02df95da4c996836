// SPDX-License-Identifier: Apache-2.0
#include "edit/diff_reader.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::edit {
namespace {

using Lines = std::vector<std::string_view>;

constexpr std::string_view k_nothing = "/dev/null";
constexpr std::string_view k_marks = " +-\\\t";

// "a/src/x.py\t2024-01-01" → "a/src/x.py".
std::string_view name_in_header(std::string_view header) {
  std::string_view name = base::trim(header.substr(4));
  name = base::trim(name.substr(0, name.find('\t')));
  if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
  return name;
}

struct HeaderNames {
  std::string old_name;
  std::string new_name;
};

// git puts "a/" and "b/" in front; a folder may have such a name, too.
HeaderNames names_in_header(std::string_view old_line, std::string_view new_line) {
  std::string_view old_name = name_in_header(old_line);
  std::string_view new_name = name_in_header(new_line);
  const bool has_old = old_name.starts_with("a/"), has_new = new_name.starts_with("b/");
  if (has_old && (has_new || new_name == k_nothing)) old_name.remove_prefix(2);
  if (has_new && (has_old || old_name == k_nothing)) new_name.remove_prefix(2);
  return {std::string(old_name), std::string(new_name)};
}

struct HunkNumbers {
  std::size_t old_line = 0, old_count = 1;  // lines from 1; of no lines: the one before
  std::size_t new_line = 0, new_count = 1;

  static std::size_t index(std::size_t line, std::size_t count) { return count == 0 || line == 0 ? line : line - 1; }
  std::size_t old_index() const { return index(old_line, old_count); }
  std::size_t new_index() const { return index(new_line, new_count); }
};

// "12,7" → line and count; what is behind it.
std::optional<std::string_view> parse_span(std::string_view text, std::size_t& line, std::size_t& count) {
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  auto parsed = std::from_chars(begin, end, line);
  if (parsed.ec != std::errc{}) return std::nullopt;
  if (parsed.ptr != end && *parsed.ptr == ',') {
    parsed = std::from_chars(parsed.ptr + 1, end, count);
    if (parsed.ec != std::errc{}) return std::nullopt;
  }
  return text.substr(static_cast<std::size_t>(parsed.ptr - begin));
}

// Of "@@ -12,7 +12,8 @@ def f():"; nullopt where a model left the numbers out.
std::optional<HunkNumbers> parse_numbers(std::string_view header) {
  HunkNumbers numbers;
  const std::size_t minus = header.find('-');
  if (minus == std::string_view::npos) return std::nullopt;
  const auto rest = parse_span(header.substr(minus + 1), numbers.old_line, numbers.old_count);
  if (!rest || !rest->starts_with(" +")) return std::nullopt;
  if (!parse_span(rest->substr(2), numbers.new_line, numbers.new_count)) return std::nullopt;
  return numbers;
}

bool begins_hunk(std::string_view line) {
  return line.starts_with("@@ ") || line.starts_with("@@@ ") || base::trim(line) == "@@";
}

bool is_file_header(const Lines& lines, std::size_t at) {
  return at + 1 < lines.size() && lines[at].starts_with("--- ") && lines[at + 1].starts_with("+++ ");
}

class DiffReader {
 public:
  DiffReader(const Lines& lines, std::size_t at, std::string_view path, DiffPlace place)
      : lines_(lines), at_(at), path_(path), place_(place) {}

  ReadDiff read() {
    bool may_lack_hunk_header = place_ == DiffPlace::fenced;
    while (at_ < lines_.size()) {
      const std::size_t filled = next_filled_line(at_);
      if (is_file_header(lines_, at_)) {
        read_file_header();
        may_lack_hunk_header = true;
      } else if (begins_hunk(lines_[at_])) {
        read_hunk();
        may_lack_hunk_header = false;
      } else if (lines_[at_].starts_with("diff --git ") || is_in_git_header_) {
        read_git_header();
        may_lack_hunk_header = false;
      } else if (filled > at_) {
        if (place_ == DiffPlace::loose && !begins_diff(lines_, filled)) break;
        at_ = filled;
      } else if (may_lack_hunk_header && is_hunk_line(at_)) {
        read_lines(std::nullopt);
        may_lack_hunk_header = false;
      } else {
        break;
      }
    }
    finish_file();
    if (place_ == DiffPlace::fenced) check_rest();
    out_.end = at_;
    return std::move(out_);
  }

 private:
  // The line itself if it is not blank. Remembers its last answer: thousands of blank lines cost no more than one.
  std::size_t next_filled_line(std::size_t at) const {
    if (at < blank_from_ || at > filled_) {
      blank_from_ = filled_ = at;
      while (filled_ < lines_.size() && base::is_blank(lines_[filled_])) ++filled_;
    }
    return filled_;
  }

  void refuse_part(std::string reason) { out_.refusals.push_back({std::move(reason)}); }

  // What is lost here would be half a change.
  void check_rest() {
    const std::size_t rest = next_filled_line(at_);
    if (rest < lines_.size() && !lines_[rest].starts_with("--"))
      refuse_part(fmt::format("the line {} of a diff cannot be read", base::in_quotes(lines_[rest])));
  }

  void finish_file() {
    if (current_ && (!current_->changes.empty() || current_->form == ProposedEdit::Form::removal))
      out_.edits.push_back(std::move(*current_));
    current_.reset();
    is_in_git_header_ = false;
  }

  void begin_file(std::string path) {
    finish_file();
    grown_by_ = 0;
    current_.emplace();
    current_->form = ProposedEdit::Form::changes;
    current_->naming = path.empty() ? ProposedEdit::Naming::none : ProposedEdit::Naming::stated;
    current_->path = std::move(path);
  }

  void read_file_header() {
    HeaderNames names = names_in_header(lines_[at_], lines_[at_ + 1]);
    at_ += 2;
    if (names.new_name == k_nothing) {
      begin_file(std::move(names.old_name));
      current_->form = ProposedEdit::Form::removal;
      return;
    }
    if (names.old_name != k_nothing && names.old_name != names.new_name && !names.old_name.ends_with(".orig"))
      refuse_part(fmt::format("the diff renames {} to {}: only contents are changed", base::in_quotes(names.old_name),
                              base::in_quotes(names.new_name)));
    begin_file(std::move(names.new_name));
    current_->is_new_file = names.old_name == k_nothing;
  }

  // What git puts between "diff --git" and the hunks.
  void read_git_header() {
    const std::string_view line = lines_[at_];
    if (line.starts_with("diff --git ")) {
      finish_file();
      is_in_git_header_ = true;
    } else if (line.starts_with("rename ") || line.starts_with("copy ") || line.starts_with("old mode")) {
      refuse_part(fmt::format("the diff says {}: only contents are changed", base::in_quotes(line)));
    } else if (line.starts_with("Binary files") || line.starts_with("GIT binary")) {
      refuse_part("the diff holds a binary file");
    } else if (line.starts_with("new file mode") || line.starts_with("deleted file mode")) {
      if (!is_file_header(lines_, at_ + 1) && !is_file_header(lines_, at_ + 2))
        refuse_part("the diff makes or removes an empty file, and shows no text of it");
    } else if (base::is_blank(line)) {
      is_in_git_header_ = false;
    }
    ++at_;
  }

  bool ends_hunk(std::size_t at) const {
    if (begins_hunk(lines_[at]) || lines_[at].starts_with("diff --git ")) return true;
    // A removed "-- x" and an added "++ y" look like a header, too.
    if (!is_file_header(lines_, at)) return false;
    const std::size_t filled = next_filled_line(at + 2);
    return filled < lines_.size() && begins_hunk(lines_[filled]);
  }

  // Is this a line of the hunk that is being read? Models drop the blank of an empty context line.
  bool is_hunk_line(std::size_t at) const {
    const std::size_t filled = next_filled_line(at);
    if (filled > at && !lines_[at].empty()) return true;
    if (filled == lines_.size() || ends_hunk(filled)) return false;
    return place_ == DiffPlace::fenced || k_marks.find(lines_[filled].front()) != std::string_view::npos;
  }

  // Behind all lines that the header promises: the end of a mail, or a list in prose.
  bool is_other_text(std::size_t at) const {
    const std::string_view line = lines_[at];
    if (line == "--" || line == "-- ") return true;
    const std::size_t filled = next_filled_line(at);
    if (!line.empty() || place_ == DiffPlace::fenced || filled == lines_.size()) return false;
    return lines_[filled].starts_with("- ") || lines_[filled].starts_with("+ ");
  }

  void read_hunk() {
    is_in_git_header_ = false;
    const std::string_view header = lines_[at_++];
    if (header.starts_with("@@@")) refuse_part("the diff of a merge is no change that can be made");
    read_lines(parse_numbers(header));
  }

  void read_lines(const std::optional<HunkNumbers>& numbers) {
    if (!current_) begin_file(std::string(path_));
    TextChange change;
    std::size_t old_count = 0, new_count = 0;
    const auto has_all = [&] { return numbers && old_count == numbers->old_count && new_count == numbers->new_count; };
    for (; at_ < lines_.size() && is_hunk_line(at_) && !(has_all() && is_other_text(at_)); ++at_) {
      const std::string_view line = lines_[at_];
      const char mark = line.empty() || k_marks.find(line.front()) == std::string_view::npos ? '?' : line.front();
      if (mark == '\\') {
        // Of a new file it counts; others keep the end that they have.
        if (current_->is_new_file && change.new_text.ends_with('\n')) change.new_text.pop_back();
        continue;
      }
      // A tab or anything else in the first column is a context line whose blank was lost.
      const std::string text = std::string(mark == '\t' || mark == '?' ? line : line.substr(1)) + "\n";
      if (mark != '+') change.old_text += text;
      if (mark != '-') change.new_text += text;
      old_count += mark != '+' ? 1 : 0;
      new_count += mark != '-' ? 1 : 0;
    }
    if (numbers && place_ == DiffPlace::loose && (old_count < numbers->old_count || new_count < numbers->new_count))
      refuse_part(fmt::format("a hunk of the diff of {} has fewer lines than its header says",
                              base::in_quotes(current_->path)));
    // Numbers that were made up are not all right.
    if (has_all() && numbers->new_index() == numbers->old_index() + grown_by_)
      change.stated_line = numbers->old_index();
    grown_by_ += new_count - old_count;  // modulo 2^n, as the sum above
    if (change.old_text != change.new_text) current_->changes.push_back(std::move(change));
  }

  const Lines& lines_;
  std::size_t at_;
  std::string_view path_;
  DiffPlace place_;
  mutable std::size_t blank_from_ = 1, filled_ = 0;  // of next_filled_line; nothing yet
  bool is_in_git_header_ = false;
  std::size_t grown_by_ = 0;  // lines that the hunks of this file added so far
  std::optional<ProposedEdit> current_;
  ReadDiff out_;
};

}  // namespace

bool begins_diff(const Lines& lines, std::size_t at) {
  if (at >= lines.size()) return false;
  return is_file_header(lines, at) || lines[at].starts_with("diff --git ") || begins_hunk(lines[at]);
}

ReadDiff read_diff(const Lines& lines, std::size_t at, std::string_view path, DiffPlace place) {
  return DiffReader(lines, at, path, place).read();
}

}  // namespace oc::edit
