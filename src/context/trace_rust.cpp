// SPDX-License-Identifier: Apache-2.0
// rustc diagnostics, panics (the form of Rust 1.73 and the one before), and their backtraces.
#include <array>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

class Scanner {
 public:
  void take_line(std::string_view line) {
    const std::string_view text = base::trim(line);
    if (awaits_panic_message_ && !text.empty()) {
      awaits_panic_message_ = false;
      set_panic_message(text);
    } else if (const std::size_t panic = line.find("panicked at "); panic != std::string_view::npos) {
      take_panic(line.substr(panic + 12));
    } else if (take_diagnostic_head(line) || take_arrow(text) || take_call(text)) {
      return;
    } else if (!text.empty()) {
      previous_ = text;
    }
  }

  Findings take() {
    FrameList all;
    for (FrameList* list : {&errors_, &panics_, &calls_, &related_, &library_calls_, &warnings_})
      all.add_all(list->take());
    Findings findings;
    findings.evidence = evidence_;
    findings.trace.kind = Trace::Kind::rust;
    findings.trace.frames = all.take();
    findings.trace.message = message_.empty() ? warning_message_ : message_;
    return findings;
  }

 private:
  enum class Severity { error, warning, note };

  //   error[E0308]: mismatched types
  bool take_diagnostic_head(std::string_view line) {
    struct Word {
      std::string_view text;
      Severity severity;
    };
    constexpr auto k_words = std::to_array<Word>({{"error", Severity::error},
                                                  {"warning", Severity::warning},
                                                  {"note", Severity::note},
                                                  {"help", Severity::note}});
    for (const Word& word : k_words) {
      const auto rest = after_prefix(line, word.text);
      if (!rest || !(rest->starts_with(": ") || rest->starts_with("["))) continue;
      severity_ = word.severity;
      head_ = line;
      return true;
    }
    return false;
  }

  //   --> src/main.rs:4:9        ::: src/lib.rs:2:1
  bool take_arrow(std::string_view text) {
    const bool is_main = text.starts_with("--> ");
    if (!is_main && !text.starts_with("::: ")) return false;
    const auto place = parse_place(text.substr(4));
    if (!place) return false;
    ++evidence_;
    auto frame = make_frame(*place, "", is_main ? head_ : std::string_view{});
    if (!frame) return true;
    if (!is_main || severity_ == Severity::note) {
      related_.add(std::move(*frame));
      return true;
    }
    std::string& message = severity_ == Severity::error ? message_ : warning_message_;
    if (message.empty()) message = frame->message;
    (severity_ == Severity::error ? errors_ : warnings_).add(std::move(*frame));
    return true;
  }

  //   src/main.rs:2:5:           (the message follows)
  //   'index out of bounds: …', src/main.rs:2:5
  void take_panic(std::string_view text) {
    text = base::trim(text);
    if (text.starts_with('\'')) {
      const std::size_t end = text.rfind("', ");
      if (end == std::string_view::npos) return;
      set_panic_message(text.substr(1, end - 1));
      text.remove_prefix(end + 3);
    } else if (text.ends_with(':')) {
      text.remove_suffix(1);
      awaits_panic_message_ = true;
    }
    const auto place = parse_place(text);
    if (!place) return;
    ++evidence_;
    if (auto frame = make_frame(*place, "", "")) panics_.add(std::move(*frame));
  }

  //      3: app::main
  //                at ./src/main.rs:2:5
  bool take_call(std::string_view text) {
    const auto where = after_prefix(text, "at ");
    if (!where) return false;
    const auto place = parse_place(*where);
    if (!place || extension_of(place->path) != "rs") return false;
    ++evidence_;
    const std::size_t name = previous_.find(": ");
    auto frame = make_frame(*place, name == std::string_view::npos ? "" : previous_.substr(name + 2), "");
    if (!frame) return true;
    const bool is_library = frame->path.starts_with("/rustc/") || frame->path.find("/.cargo/") != std::string::npos;
    (is_library ? library_calls_ : calls_).add(std::move(*frame));
    return true;
  }

  void set_panic_message(std::string_view text) {
    if (message_.empty()) message_ = "panicked: " + short_text(text);
  }

  FrameList errors_, panics_, calls_, related_, library_calls_, warnings_;
  std::string message_, warning_message_;
  std::string_view head_, previous_;
  Severity severity_ = Severity::error;
  bool awaits_panic_message_ = false;
  int evidence_ = 0;
};

}  // namespace

Findings scan_rust(Lines lines) {
  Scanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

}  // namespace oc::context::trace_scan
