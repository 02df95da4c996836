// SPDX-License-Identifier: Apache-2.0
#include "quality/changed_lines.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/text.hpp"

namespace oc::quality {
namespace {

constexpr std::string_view k_nothing = "/dev/null";
constexpr std::int64_t k_most_lines = 100'000'000;

// git quotes names with bytes that are no plain ASCII: "a/\303\244.c".
std::string unquoted(std::string_view name) {
  if (name.size() < 2 || name.front() != '"' || name.back() != '"') return std::string(name);
  name = name.substr(1, name.size() - 2);
  std::string text;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '\\' || i + 1 == name.size()) {
      text += name[i];
      continue;
    }
    ++i;
    if (name[i] >= '0' && name[i] <= '3' && i + 2 < name.size()) {
      int value = 0;
      std::from_chars(name.data() + i, name.data() + i + 3, value, 8);
      text += static_cast<char>(value);
      i += 2;
    } else {
      constexpr std::string_view k_from = "abfnrtv", k_to = "\a\b\f\n\r\t\v";
      const std::size_t at = k_from.find(name[i]);
      text += at == std::string_view::npos ? name[i] : k_to[at];
    }
  }
  return text;
}

// "--- a/x.c\t2024-…" → "x.c"; "" for /dev/null.
std::string name_in_header(std::string_view header) {
  std::string_view name = header.substr(4);
  if (!name.starts_with('"')) name = name.substr(0, name.find('\t'));
  std::string plain = unquoted(base::trim(name));
  if (plain == k_nothing) return "";
  if (plain.starts_with("a/") || plain.starts_with("b/")) plain.erase(0, 2);
  return plain;
}

struct Span {
  std::int64_t first = 0, count = 1;
};

// "+12,7" at the beginning of the text.
std::optional<Span> read_span(std::string_view text, char sign) {
  Span span;
  if (!text.starts_with(sign)) return std::nullopt;
  const char* const end = text.data() + text.size();
  auto parsed = std::from_chars(text.data() + 1, end, span.first);
  if (parsed.ec != std::errc{}) return std::nullopt;
  if (parsed.ptr != end && *parsed.ptr == ',') parsed = std::from_chars(parsed.ptr + 1, end, span.count);
  if (parsed.ec != std::errc{} || span.first < 0 || span.count < 0) return std::nullopt;
  if (span.first > k_most_lines || span.count > k_most_lines) return std::nullopt;
  return span;
}

bool is_unmerged(std::string_view line) {
  return line.starts_with("diff --cc ") || line.starts_with("diff --combined ") || line.starts_with("* Unmerged path ");
}

class ChangeReader {
 public:
  explicit ChangeReader(std::string_view diff) : lines_(base::split_lines(diff)) {}

  ChangedLines read() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      const std::string_view line = lines_[at_];
      if (line.starts_with("diff --git ")) begin_git_file(line);
      else if (is_unmerged(line)) begin_unmerged(line);
      else if (line.starts_with("Submodule ")) begin_submodule(line);
      else if (line.starts_with("--- ") && at_ + 1 < lines_.size() && lines_[at_ + 1].starts_with("+++ ")) read_names();
      else if (line.starts_with("@@ ") && is_open_) read_hunk(line);
      else if (is_open_) read_git_line(line);
    }
    finish();
    return std::move(out_);
  }

 private:
  ChangedFile& file() { return out_.files.back(); }

  void open(std::string path, ChangedFile::Kind kind) {
    finish();
    out_.is_diff = true;
    out_.files.push_back({.kind = kind, .path = std::move(path), .old_path = {}, .lines = {}});
    is_open_ = true;
    has_names_ = false;
  }

  void finish() {
    if (is_open_ && file().path.empty()) out_.files.pop_back();
    is_open_ = false;
  }

  // The two names are not separated for certain; where they are equal, each is the half of the line. What follows in
  // the header knows better.
  void begin_git_file(std::string_view line) {
    const std::string_view names = line.substr(11);
    std::string path;
    if (names.starts_with("a/") && names.size() % 2 == 1) {
      const std::string_view second = names.substr(names.size() / 2 + 1);
      if (second.starts_with("b/") && second.substr(2) == names.substr(2, names.size() / 2 - 2))
        path = second.substr(2);
    } else if (const std::size_t quoted = names.rfind(" \"b/");
               names.ends_with('"') && quoted != std::string_view::npos) {
      path = unquoted(names.substr(quoted + 1)).substr(2);
    }
    open(std::move(path), ChangedFile::Kind::mode_only);
  }

  void begin_unmerged(std::string_view line) {
    const std::size_t blank = line.find(' ', line.starts_with("* ") ? 11 : 6);
    open(unquoted(line.substr(std::min(blank, line.size() - 1) + 1)), ChangedFile::Kind::unmerged);
  }

  // "Submodule lib 1234567..89abcde:"
  void begin_submodule(std::string_view line) {
    const std::string_view rest = line.substr(10);
    const std::size_t dots = std::min(rest.find(".."), rest.find(" contains "));
    const std::size_t blank = rest.rfind(' ', dots == std::string_view::npos ? rest.size() : dots - 1);
    open(std::string(rest.substr(0, blank)), ChangedFile::Kind::submodule);
  }

  void read_names() {
    const std::string old_name = name_in_header(lines_[at_]), new_name = name_in_header(lines_[at_ + 1]);
    ++at_;
    if (is_open_ && file().kind == ChangedFile::Kind::unmerged) return;
    // Without git's own header, each pair of names begins a file.
    if (!is_open_ || has_names_) open("", ChangedFile::Kind::text);
    has_names_ = true;
    if (file().kind == ChangedFile::Kind::submodule) return;
    file().kind = new_name.empty() ? ChangedFile::Kind::removed : ChangedFile::Kind::text;
    file().path = new_name.empty() ? old_name : new_name;
  }

  void read_git_line(std::string_view line) {
    if (file().kind == ChangedFile::Kind::unmerged) return;
    if (line.starts_with("rename from ") || line.starts_with("copy from "))
      file().old_path = unquoted(line.substr(line.find("from ") + 5));
    else if (line.starts_with("rename to ") || line.starts_with("copy to "))
      file().path = unquoted(line.substr(line.find("to ") + 3));
    else if (line.starts_with("deleted file mode")) file().kind = ChangedFile::Kind::removed;
    else if (line.starts_with("Binary files ") || line.starts_with("GIT binary patch"))
      file().kind = ChangedFile::Kind::binary;
    else if (!has_names_ && line.ends_with(" 160000") &&
             (line.starts_with("index ") || line.starts_with("new file mode")))
      file().kind = ChangedFile::Kind::submodule;
  }

  void read_hunk(std::string_view header) {
    const std::size_t plus = header.find(" +");
    const auto old_span = read_span(header.substr(3), '-');
    const auto new_span = plus == std::string_view::npos ? std::nullopt : read_span(header.substr(plus + 1), '+');
    if (!old_span || !new_span) return;
    std::int64_t old_left = old_span->count, new_left = new_span->count;
    std::int64_t number = new_span->count == 0 ? new_span->first + 1 : std::max<std::int64_t>(1, new_span->first);
    for (; (old_left > 0 || new_left > 0) && at_ + 1 < lines_.size(); ++at_) {
      const std::string_view line = lines_[at_ + 1];
      const char mark = line.empty() ? ' ' : line.front();
      if (mark == '\\') continue;
      if (mark != ' ' && mark != '+' && mark != '-') break;  // cut off
      if (mark != ' ') add(number);
      old_left -= mark != '+' ? 1 : 0;
      new_left -= mark != '-' ? 1 : 0;
      number += mark != '-' ? 1 : 0;
    }
  }

  void add(std::int64_t number) {
    if (file().kind != ChangedFile::Kind::text) return;
    std::vector<base::LineRange>& lines = file().lines;
    if (!lines.empty() && lines.back().last.value >= number - 1) {
      lines.back().last = std::max(lines.back().last, base::LineNumber(number));
      return;
    }
    lines.push_back({base::LineNumber(number), base::LineNumber(number)});
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  bool is_open_ = false;
  bool has_names_ = false;
  ChangedLines out_;
};

}  // namespace

ChangedLines read_changed_lines(std::string_view diff) { return ChangeReader(diff).read(); }

bool touches(const ChangedFile& file, base::LineRange lines) {
  return std::ranges::any_of(file.lines, [&](const base::LineRange& changed) {
    return changed.first <= lines.last && lines.first <= changed.last;
  });
}

}  // namespace oc::quality
