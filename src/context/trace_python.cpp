// SPDX-License-Identifier: Apache-2.0
// CPython tracebacks: plain, chained, exception groups, SyntaxError; and pytest's short form.
#include <algorithm>
#include <ranges>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

constexpr std::string_view k_header = "Traceback (most recent call last):";
constexpr std::string_view k_direct = "The above exception was the direct cause of the following exception:";
constexpr std::string_view k_during = "During handling of the above exception, another exception occurred:";

// A line of an exception group without the margin that draws the tree ("  | ", "  + ").
std::string_view without_margin(std::string_view line) {
  for (int depth = 0; depth < 16; ++depth) {
    const std::size_t bar = line.find_first_not_of(' ');
    if (bar == std::string_view::npos || (line[bar] != '|' && line[bar] != '+')) return line;
    if (bar + 1 < line.size() && line[bar + 1] != ' ') return line;
    line.remove_prefix(std::min(bar + 2, line.size()));
  }
  return line;
}

// "    +---------------- 2 ----------------": the next exception of a group.
bool is_group_rule(std::string_view line) {
  const std::string_view rule = base::trim(line);
  return rule.starts_with("+-") && rule.find("----") != std::string_view::npos;
}

//   File "main.py", line 12, in run
std::optional<Frame> parse_file_line(std::string_view line) {
  const auto rest = after_prefix(base::trim(line), "File \"");
  if (!rest) return std::nullopt;
  constexpr std::string_view k_line = "\", line ";
  const std::size_t quote = rest->find(k_line);
  if (quote == std::string_view::npos) return std::nullopt;
  const std::string_view tail = rest->substr(quote + k_line.size());
  const std::size_t comma = tail.find(',');
  const auto number = parse_number(tail.substr(0, comma));
  if (!number) return std::nullopt;
  const std::string_view function = comma == std::string_view::npos ? "" : tail.substr(comma + 1);
  return make_frame({rest->substr(0, quote), *number, 0},
                    after_prefix(base::trim(function), "in ").value_or(std::string_view{}), "");
}

// tests/test_sum.py:12: AssertionError — at the end of each block that pytest prints.
std::optional<Frame> parse_pytest_line(std::string_view line) {
  const std::size_t end = line.find(": ");
  if (end == std::string_view::npos || line.starts_with(' ')) return std::nullopt;
  const auto place = parse_place(line.substr(0, end));
  if (!place || place->column != 0 || extension_of(place->path) != "py") return std::nullopt;
  const std::string_view what = line.substr(end + 2);
  if (!is_error_head(what) && !what.starts_with("in ")) return std::nullopt;
  return make_frame(*place, after_prefix(what, "in ").value_or(std::string_view{}), "");
}

class Scanner {
 public:
  void take_line(std::string_view raw) {
    if (is_group_rule(raw)) {
      in_group_ = true;
      end_block();
      return;
    }
    const std::string_view line = without_margin(raw);
    if (line.find(k_header) != std::string_view::npos) {
      begin_traceback(line.find("Exception Group") != std::string_view::npos);
    } else if (auto frame = parse_file_line(line)) {
      ++evidence_;
      awaits_error_ = true;
      block_.add(std::move(*frame));
    } else if (line == k_direct || line == k_during) {
      ++evidence_;
      link_ = line == k_direct ? "; caused by " : "; raised while handling ";
    } else if (auto short_frame = parse_pytest_line(line)) {
      ++evidence_;
      block_.add(std::move(*short_frame));
    } else if (const auto said = after_prefix(line, "E   "); said && pytest_message_.empty()) {
      pytest_message_ = short_text(*said);
    } else {
      take_error_line(line, line.size() < raw.size() ? Margin::drawn : Margin::none);
    }
  }

  Findings take() {
    end_block();
    FrameList frames;
    // The members of a group are the real errors and come in their order; of a chain the last exception is the one.
    for (auto& block : members_) frames.add_all(std::move(block));
    for (auto& block : chain_ | std::views::reverse) frames.add_all(std::move(block));
    Findings findings;
    findings.evidence = evidence_;
    findings.trace.kind = Trace::Kind::python;
    findings.trace.frames = frames.take();
    findings.trace.message = short_text(message_.empty() ? pytest_message_ : message_);
    return findings;
  }

 private:
  enum class Margin { none, drawn };

  void begin_traceback(bool is_group) {
    ++evidence_;
    end_block();
    if (is_group) in_group_ = false;  // a new one begins with its own frames, the rules follow
    awaits_error_ = true;
  }

  // The first line that is not indented behind the frames is the error.
  void take_error_line(std::string_view line, Margin margin) {
    const bool is_bare_member = in_group_ && margin == Margin::drawn && is_error_head(line);  // it was never raised
    awaits_error_ = awaits_error_ || is_bare_member;
    if (!awaits_error_ || line.empty() || line.front() == ' ' || line.front() == '\t') return;
    awaits_error_ = false;
    ++evidence_;
    const std::string error = short_text(line);
    if (in_group_ && !message_.empty()) message_ = short_text(message_ + "; " + error);
    else if (!link_.empty()) message_ = short_text(error + std::string(link_) + message_);
    else message_ = error;  // of several independent errors the last one counts
    link_ = {};
    end_block();
  }

  void end_block() {
    if (block_.is_empty()) return;
    auto& blocks = in_group_ ? members_ : chain_;
    blocks.push_back(block_.take_last_first());
    if (blocks.size() > k_most_blocks) blocks.erase(in_group_ ? blocks.end() - 1 : blocks.begin());
  }

  static constexpr std::size_t k_most_blocks = 16;

  std::vector<std::vector<Frame>> chain_, members_;
  FrameGroup block_;
  std::string message_, pytest_message_;
  std::string_view link_;
  int evidence_ = 0;
  bool awaits_error_ = false;
  bool in_group_ = false;
};

}  // namespace

Findings scan_python(Lines lines) {
  Scanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

}  // namespace oc::context::trace_scan
