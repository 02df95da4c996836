// SPDX-License-Identifier: Apache-2.0
// Go: panics with goroutine stacks, compiler and vet messages, lines of failed tests.
#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

bool is_go(std::string_view path) { return extension_of(path) == "go"; }

//   main.(*Server).run(0xc000, 0x1)  →  main.(*Server).run
std::string_view function_of(std::string_view call) {
  call = after_prefix(call, "created by ").value_or(call);
  if (const std::size_t in = call.find(" in goroutine "); in != std::string_view::npos) call = call.substr(0, in);
  const std::size_t arguments = call.rfind('(');
  return call.ends_with(')') && arguments != std::string_view::npos ? call.substr(0, arguments) : call;
}

class Scanner {
 public:
  void take_line(std::string_view line) {
    const std::string_view text = base::trim(line);
    const bool is_indented = !line.empty() && (line.front() == '\t' || line.front() == ' ');
    if (!is_indented && (text.starts_with("panic: ") || text.starts_with("fatal error: "))) {
      if (text.starts_with("panic: ")) ++evidence_;
      if (panic_.empty()) panic_ = short_text(text);
    } else if (text.starts_with("goroutine ") && text.ends_with("]:")) {
      ++evidence_;
    } else if ((is_indented && take_call(text)) || take_message(text, is_indented)) {
      return;
    }
    previous_ = text;
  }

  Findings take() {
    Findings findings;
    findings.evidence = evidence_;
    findings.trace.kind = Trace::Kind::go;
    findings.trace.message = !panic_.empty() ? panic_ : said_;
    FrameList all;
    if (panic_.empty()) all.add_all(messages_.take());
    all.add_all(calls_.take());
    all.add_all(messages_.take());
    findings.trace.frames = all.take();
    return findings;
  }

 private:
  //   /app/main.go:12 +0x1d
  bool take_call(std::string_view text) {
    const std::size_t offset = text.rfind(" +0x");
    const auto place = parse_place(text.substr(0, offset));
    if (!place || !is_go(place->path)) return false;
    ++evidence_;
    if (auto frame = make_frame(*place, function_of(previous_), "")) calls_.add(std::move(*frame));
    return true;
  }

  //   ./main.go:3:5: undefined: y        (compiler, vet)
  //       sum_test.go:12: got 1, want 2  (test, indented)
  bool take_message(std::string_view text, bool is_indented) {
    text = after_prefix(text, "vet: ").value_or(text);
    const std::size_t end = text.find(": ");
    if (end == std::string_view::npos) return false;
    const auto place = parse_place(text.substr(0, end));
    if (!place || !is_go(place->path) || (place->column == 0 && !is_indented)) return false;
    ++evidence_;
    const std::string_view message = text.substr(end + 2);
    if (said_.empty()) said_ = short_text(message);
    if (auto frame = make_frame(*place, "", message)) messages_.add(std::move(*frame));
    return true;
  }

  FrameList calls_, messages_;
  std::string panic_, said_;
  std::string_view previous_;
  int evidence_ = 0;
};

}  // namespace

Findings scan_go(Lines lines) {
  Scanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

}  // namespace oc::context::trace_scan
