// SPDX-License-Identifier: Apache-2.0
#include "tasks/check_excerpt.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_line_bytes = 400;
constexpr std::string_view k_gap = "…\n";
constexpr std::size_t k_lines_before = 1;
constexpr std::size_t k_lines_after = 4;  // the code, the caret, what was expected

// Compilers, linters and test runners of all kinds have one of these in a line that counts.
bool looks_like_error(std::string_view line) {
  constexpr auto k_marks =
      std::to_array<std::string_view>({"error", "fail", "panic", "assert", "exception", "traceback",
                                       "undefined reference", "fatal", "not ok", "cannot find"});
  std::string lower(line);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return std::ranges::any_of(k_marks, [&](std::string_view mark) { return lower.contains(mark); });
}

// "10%\r20%\rdone" → "done": what a terminal would show in the end.
std::string_view last_state(std::string_view line) {
  while (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t start = line.rfind('\r');
  return start == std::string_view::npos ? line : line.substr(start + 1);
}

std::vector<std::string> clean_lines(std::string_view output) {
  std::vector<std::string> lines;
  for (const std::string_view line : base::split_lines(output)) {
    std::string clean = base::filter_controls(base::replace_invalid_utf8(last_state(line)));
    if (clean.size() > k_line_bytes) {
      clean.resize(base::complete_utf8_prefix(std::string_view(clean).substr(0, k_line_bytes)));
      clean += "…";
    }
    lines.push_back(std::move(clean));
  }
  return lines;
}

// Which lines are taken, and how many bytes they and the gaps between them need.
class Choice {
 public:
  explicit Choice(const std::vector<std::string>& lines) : lines_(lines), is_taken_(lines.size()) {}

  // False, and nothing taken, when that would be more than `most`. Each line is charged for a gap before it, which it
  // may not have in the end.
  bool take(std::size_t line, std::size_t most) {
    if (is_taken_[line]) return true;
    const bool is_joined = line > 0 && is_taken_[line - 1];
    const std::size_t cost = lines_[line].size() + 1 + (is_joined ? 0 : k_gap.size());
    if (used_ + cost > most) return false;
    is_taken_[line] = true;
    used_ += cost;
    return true;
  }

  std::string text() const {
    std::string text;
    bool is_gap = false;
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      if (is_taken_[i]) text += (is_gap ? std::string(k_gap) : "") + lines_[i] + "\n";
      is_gap = !is_taken_[i];
    }
    return text;
  }

 private:
  const std::vector<std::string>& lines_;
  std::vector<bool> is_taken_;
  std::size_t used_ = 0;
};

}  // namespace

std::string check_excerpt(std::string_view output, std::size_t most) {
  const std::vector<std::string> lines = clean_lines(output);
  Choice choice(lines);
  const std::size_t for_errors = most / 5 * 3;
  std::size_t todo = 0;  // lines before it were looked at
  bool has_room = true;
  for (std::size_t i = 0; i < lines.size() && has_room; ++i) {
    if (!looks_like_error(lines[i])) continue;
    const std::size_t end = std::min(lines.size(), i + k_lines_after + 1);
    for (std::size_t k = std::max(todo, i - std::min(i, k_lines_before)); k < end && has_room; ++k)
      has_room = choice.take(k, for_errors);
    todo = end;
  }
  for (std::size_t i = lines.size(); i > 0; --i)
    if (!choice.take(i - 1, most)) break;
  return choice.text();
}

}  // namespace oc::tasks
