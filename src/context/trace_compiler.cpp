// SPDX-License-Identifier: Apache-2.0
// Diagnostics of the gcc/clang form ("file:line:col: error: …", used by many tools), sanitizers and assert(); and of
// the MSVC form ("file(line,col): error C2065: …").
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

enum class Severity { error, warning, note };

struct Marker {
  std::string_view text;
  Severity severity;
};

struct Hit {
  std::size_t begin = 0;  // of the marker
  Severity severity = Severity::error;
};

std::optional<Hit> find_first(std::string_view line, std::span<const Marker> markers) {
  std::optional<Hit> first;
  for (const Marker& marker : markers) {
    const std::size_t at = line.find(marker.text);
    if (at != std::string_view::npos && (!first || at < first->begin)) first = Hit{at, marker.severity};
  }
  return first;
}

// Frames by how much they say about the error; handed out in the order of relevance.
class Diagnostics {
 public:
  void add(Severity severity, Frame frame) {
    if (severity != Severity::note && (message_.empty() || (severity == Severity::error && errors_.is_empty())))
      message_ = frame.message;
    (severity == Severity::error ? errors_ : severity == Severity::warning ? warnings_ : notes_).add(std::move(frame));
  }
  void add_call(Frame frame) { calls_.add(std::move(frame)); }
  void add_include(Frame frame) { includes_.add(std::move(frame)); }
  void set_message(std::string_view message) {
    if (message_.empty()) message_ = short_text(message);
  }

  Trace take(Trace::Kind kind) {
    FrameList all;
    const bool has_errors = !errors_.is_empty();
    all.add_all(errors_.take());
    all.add_all(calls_.take());
    if (!has_errors) all.add_all(warnings_.take());
    all.add_all(notes_.take());
    all.add_all(includes_.take());
    if (has_errors) all.add_all(warnings_.take());
    return {kind, all.take(), std::move(message_)};
  }

 private:
  FrameList errors_, warnings_, notes_, calls_, includes_;
  std::string message_;
};

// What stands in the first pair of quotes: 'x', ‘x’, `x'.
std::string_view quoted_part(std::string_view text) {
  constexpr std::string_view k_open = "\xE2\x80\x98", k_close = "\xE2\x80\x99";
  if (const std::size_t open = text.find(k_open); open != std::string_view::npos) {
    const std::string_view rest = text.substr(open + k_open.size());
    return rest.substr(0, rest.find(k_close));
  }
  const std::size_t open = text.find_first_of("'`");
  if (open == std::string_view::npos) return {};
  const std::string_view rest = text.substr(open + 1);
  return rest.substr(0, rest.find('\''));
}

class GccScanner {
 public:
  void take_line(std::string_view line) {
    if (take_diagnostic(line) || take_include(line) || take_call(line) || take_assertion(line)) return;
    if (const std::size_t at = line.find(": In "); at != std::string_view::npos && line.ends_with(':')) {
      function_ = quoted_part(line.substr(at));
    } else if (const std::size_t what = line.find("undefined reference to "); what != std::string_view::npos) {
      ++evidence_;
      diagnostics_.set_message(line.substr(what));
      const auto place = parse_place(base::trim_end(line.substr(0, what - std::min<std::size_t>(what, 2))));
      if (place)
        if (auto frame = make_frame(*place, "", line.substr(what)))
          diagnostics_.add(Severity::error, std::move(*frame));
    } else if (const std::size_t which = line.find("Sanitizer: "); which != std::string_view::npos) {
      const std::size_t begin = line.find_last_of(" :", which);
      diagnostics_.set_message(line.substr(begin == std::string_view::npos ? 0 : begin + 1));
    }
  }

  Findings take() {
    Findings findings{diagnostics_.take(Trace::Kind::gcc_clang), evidence_};
    const auto& frames = findings.trace.frames;
    const std::string extension = frames.empty() ? "" : extension_of(frames.front().path);
    if (extension == "java" || extension == "kt" || extension == "scala") findings.trace.kind = Trace::Kind::java;
    return findings;
  }

 private:
  bool take_diagnostic(std::string_view line) {
    constexpr auto k_markers = std::to_array<Marker>({{": error: ", Severity::error},
                                                      {": fatal error: ", Severity::error},
                                                      {": runtime error: ", Severity::error},
                                                      {": warning: ", Severity::warning},
                                                      {": note: ", Severity::note}});
    const auto hit = find_first(line, k_markers);
    if (!hit) return false;
    const auto place = parse_place(line.substr(0, hit->begin));
    if (!place) return false;
    auto frame = make_frame(*place, function_, line.substr(hit->begin + 2));
    if (!frame) return false;
    ++evidence_;
    diagnostics_.add(hit->severity, std::move(*frame));
    return true;
  }

  //   In file included from src/b.h:3,
  //                    from src/a.c:1:
  bool take_include(std::string_view line) {
    auto rest = after_prefix(line, "In file included from ");
    if (!rest && line.starts_with("        ")) rest = after_prefix(base::trim(line), "from ");
    if (!rest || rest->empty()) return false;
    const auto place = parse_place(rest->substr(0, rest->find_last_not_of(",:") + 1));
    if (!place) return false;
    function_.clear();
    if (auto frame = make_frame(*place, "", "")) diagnostics_.add_include(std::move(*frame));
    return true;
  }

  //   #1 0x55d0 in main /src/a.c:5:3   (sanitizers)      #0  main () at a.c:5   (gdb)
  bool take_call(std::string_view line) {
    const std::string_view call = base::trim(line);
    if (call.size() < 2 || call[0] != '#' || call[1] < '0' || call[1] > '9') return false;
    std::size_t path = call.rfind(" at ");
    std::size_t skip = 4;
    std::size_t name = call.find(" in ");
    name = name == std::string_view::npos ? call.find("  ") : name + 3;
    if (path == std::string_view::npos && name != std::string_view::npos) {
      path = call.find(" /", name + 1);
      skip = 1;
    }
    if (path == std::string_view::npos || name == std::string_view::npos || name >= path) return false;
    const auto place = parse_place(call.substr(path + skip));
    if (!place) return false;
    ++evidence_;
    if (auto frame = make_frame(*place, call.substr(name, path - name), "")) diagnostics_.add_call(std::move(*frame));
    return true;
  }

  //   app: src/a.c:5: main: Assertion `n > 0' failed.
  bool take_assertion(std::string_view line) {
    const std::size_t what = line.find(": Assertion `");
    if (what == std::string_view::npos) return false;
    const std::string_view head = line.substr(0, what);
    const std::size_t function = head.rfind(": ");
    if (function == std::string_view::npos) return false;
    std::string_view where = head.substr(0, function);
    if (const std::size_t program = where.rfind(": "); program != std::string_view::npos)
      where.remove_prefix(program + 2);
    const auto place = parse_place(where);
    if (!place) return false;
    ++evidence_;
    if (auto frame = make_frame(*place, head.substr(function + 2), line.substr(what + 2)))
      diagnostics_.add(Severity::error, std::move(*frame));
    return true;
  }

  Diagnostics diagnostics_;
  std::string function_;
  int evidence_ = 0;
};

// "12", "12,3", "12,3,12,9": line, column, and an end that is not needed.
std::optional<Place> parse_parentheses(std::string_view path_and_numbers) {
  const std::size_t open = path_and_numbers.rfind('(');
  if (open == std::string_view::npos) return std::nullopt;
  const std::string_view numbers = path_and_numbers.substr(open + 1);
  const std::size_t comma = numbers.find(',');
  const auto line = parse_number(numbers.substr(0, comma));
  if (!line) return std::nullopt;
  int column = 0;
  if (comma != std::string_view::npos) {
    const std::string_view rest = numbers.substr(comma + 1);
    column = parse_number(rest.substr(0, rest.find(','))).value_or(0);
  }
  std::string_view path = base::trim(path_and_numbers.substr(0, open));
  const std::size_t project = path.find('>');  // MSBuild: "3>src\a.cpp"
  if (project != std::string_view::npos && parse_number(path.substr(0, project))) path.remove_prefix(project + 1);
  return Place{path, *line, column};
}

// Without the project that MSBuild puts behind: "… [C:\x\app.vcxproj]".
std::string_view without_project(std::string_view message) {
  const std::size_t open = message.rfind(" [");
  return open != std::string_view::npos && message.ends_with("proj]") ? message.substr(0, open) : message;
}

}  // namespace

Findings scan_gcc_clang(Lines lines) {
  GccScanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

Findings scan_msvc(Lines lines) {
  constexpr auto k_markers = std::to_array<Marker>({{"): error ", Severity::error},
                                                    {"): fatal error ", Severity::error},
                                                    {") : error ", Severity::error},
                                                    {") : fatal error ", Severity::error},
                                                    {"): warning ", Severity::warning},
                                                    {") : warning ", Severity::warning},
                                                    {"): note: ", Severity::note}});
  Diagnostics diagnostics;
  int evidence = 0;
  for (const std::string_view line : lines) {
    if (const auto hit = find_first(line, k_markers)) {
      const auto place = parse_parentheses(line.substr(0, hit->begin));
      if (!place) continue;
      const std::string_view message = line.substr(line.find(": ", hit->begin) + 2);
      auto frame = make_frame(*place, "", without_project(message));
      if (!frame) continue;
      ++evidence;
      diagnostics.add(hit->severity, std::move(*frame));
    } else {
      const std::size_t linker = std::min(line.find(" : error LNK"), line.find(" : fatal error LNK"));
      if (linker == std::string_view::npos) continue;
      ++evidence;
      diagnostics.set_message(without_project(line.substr(linker + 3)));
    }
  }
  return {diagnostics.take(Trace::Kind::msvc), evidence};
}

}  // namespace oc::context::trace_scan
