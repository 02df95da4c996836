// SPDX-License-Identifier: Apache-2.0
// Stack traces of the Java virtual machine, with causes and suppressed exceptions.
#include <algorithm>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

struct Call {
  std::string_view function;
  std::string_view file;  // "Main.java:12", "Native Method"
};

//   at com.example.Main.run(Main.java:12)
std::optional<Call> parse_call(std::string_view line) {
  const auto rest = after_prefix(base::trim(line), "at ");
  if (!rest) return std::nullopt;
  const std::size_t open = rest->find('(');
  if (open == std::string_view::npos || open == 0) return std::nullopt;
  const std::size_t close = rest->find(')', open);
  const std::string_view function = rest->substr(0, open);
  if (close == std::string_view::npos || function.find(' ') != std::string_view::npos ||
      function.find('.') == std::string_view::npos)
    return std::nullopt;
  return Call{function, rest->substr(open + 1, close - open - 1)};
}

// One exception: what it says and where it was thrown.
struct Block {
  enum class Role { head, cause, suppressed } role = Role::head;
  std::string message;
  std::vector<Frame> frames;
};

class Scanner {
 public:
  void take_line(std::string_view line) {
    if (const auto call = parse_call(line)) return take_call(*call);
    const std::string_view text = base::trim(line);
    if (text.starts_with("... ") && text.ends_with(" more")) return;
    in_calls_ = false;
    if (const auto cause = after_prefix(text, "Caused by: ")) return announce(Block::Role::cause, *cause);
    if (const auto other = after_prefix(text, "Suppressed: ")) return announce(Block::Role::suppressed, *other);
    if (text.starts_with("Exception in thread \"")) {
      const std::size_t name = text.find("\" ", 21);
      announce(Block::Role::head, name == std::string_view::npos ? text : text.substr(name + 2));
    } else if (is_error_head(text)) {
      announce(Block::Role::head, text);
    }
  }

  Findings take() {
    Findings findings;
    findings.evidence = evidence_;
    findings.trace.kind = Trace::Kind::java;
    if (evidence_ == 0) return findings;
    FrameList frames;
    for (std::size_t begin = 0; begin < blocks_.size();) {  // one trace at a time, its root cause first
      std::size_t end = begin + 1;
      while (end < blocks_.size() && blocks_[end].role != Block::Role::head) ++end;
      if (begin == 0) findings.trace.message = message_of_first(end);
      for (std::size_t i = end; i-- > begin;)
        if (blocks_[i].role != Block::Role::suppressed) frames.add_all(std::move(blocks_[i].frames));
      for (std::size_t i = begin; i < end; ++i) frames.add_all(std::move(blocks_[i].frames));
      begin = end;
    }
    findings.trace.frames = frames.take();
    return findings;
  }

 private:
  void announce(Block::Role role, std::string_view message) {
    next_role_ = role;
    next_message_ = message;
  }

  void take_call(const Call& call) {
    const auto place = parse_place(call.file);
    const std::string extension = place ? extension_of(place->path) : "";
    const bool is_source = extension == "java" || extension == "kt" || extension == "kts" || extension == "scala" ||
                           extension == "groovy" || extension == "clj";
    const bool has_no_source =
        call.file == "Native Method" || call.file == "Unknown Source" || call.file == "<generated>";
    if (!is_source && !has_no_source) return;
    ++evidence_;
    if (!in_calls_) begin_block();
    in_calls_ = true;
    if (!is_source || blocks_.back().frames.size() >= k_most_frames) return;
    if (auto frame = make_frame(*place, call.function, "")) blocks_.back().frames.push_back(std::move(*frame));
  }

  void begin_block() {
    constexpr std::size_t k_most_blocks = 64;
    if (blocks_.size() >= k_most_blocks) return;  // more calls go to the last one until that is full
    blocks_.push_back({blocks_.empty() ? Block::Role::head : next_role_, short_text(next_message_), {}});
    announce(Block::Role::head, {});
  }

  std::string message_of_first(std::size_t end) const {
    std::string message = blocks_.front().message;
    for (std::size_t i = end; i-- > 1;) {
      if (blocks_[i].role != Block::Role::cause || blocks_[i].message.empty()) continue;
      return message.empty() ? blocks_[i].message : short_text(message + "; caused by " + blocks_[i].message);
    }
    return message;
  }

  std::vector<Block> blocks_;
  Block::Role next_role_ = Block::Role::head;
  std::string_view next_message_;
  bool in_calls_ = false;
  int evidence_ = 0;
};

}  // namespace

Findings scan_java(Lines lines) {
  Scanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

}  // namespace oc::context::trace_scan
