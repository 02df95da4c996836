// SPDX-License-Identifier: Apache-2.0
// Stack traces of V8 (Node, Deno, browsers), Node's "file.js:3" headline, and the TypeScript compiler's pretty form.
#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context::trace_scan {
namespace {

bool is_script(std::string_view path) {
  constexpr auto k_extensions =
      std::to_array<std::string_view>({"js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx", "vue", "svelte"});
  return std::ranges::find(k_extensions, extension_of(path)) != k_extensions.end();
}

struct Call {
  std::string_view function;
  std::optional<Place> place;  // nullopt: inside the runtime, or in text that was evaluated
};

//   at Object.run (/app/a.js:3:9)      at async file:///app/a.mjs:3:9
std::optional<Call> parse_call(std::string_view line) {
  const auto rest = after_prefix(base::trim(line), "at ");
  if (!rest || rest->empty()) return std::nullopt;
  Call call;
  std::string_view where = *rest;
  const std::size_t open = rest->find(" (");
  if (rest->ends_with(')') && open != std::string_view::npos) {
    call.function = rest->substr(0, open);
    where = rest->substr(open + 2, rest->size() - open - 3);
  } else {
    where = after_prefix(where, "async ").value_or(where);
  }
  if (where == "<anonymous>" || where == "native") return call;
  const auto place = parse_place(where);
  if (!place || place->column == 0 || extension_of(place->path) == "rs") return std::nullopt;
  const bool is_inside_runtime = where.starts_with("node:") || where.starts_with("eval at ") ||
                                 where.starts_with("internal/") || where.starts_with("ext:");
  if (!is_inside_runtime) call.place = place;
  return call;
}

class Scanner {
 public:
  void take_line(std::string_view line) {
    const std::string_view text = base::trim(line);
    if (const auto call = parse_call(line)) {
      ++evidence_;
      if (message_.empty()) message_ = short_text(head_.empty() ? previous_ : head_);
      if (call->place) add(*call->place, call->function, "");
    } else if (take_headline(line) || take_type_error(line)) {
      ++evidence_;
    } else if (const auto cause = after_prefix(text, "[cause]: "); cause && !message_.empty()) {
      const std::string_view said = cause->ends_with('{') ? cause->substr(0, cause->size() - 1) : *cause;
      message_ = short_text(message_ + "; caused by " + short_text(said));
    } else if (!text.empty()) {
      previous_ = text;
      const std::string_view said = after_prefix(text, "Uncaught ").value_or(text);
      if (is_error_head(said)) head_ = said;
    }
  }

  Findings take() {
    Findings findings;
    findings.evidence = evidence_;
    findings.trace.kind = Trace::Kind::node;
    findings.trace.frames = frames_.take();
    findings.trace.message = message_.empty() ? short_text(head_) : message_;
    return findings;
  }

 private:
  void add(Place place, std::string_view function, std::string_view message) {
    const std::string path = path_of_address(place.path);
    place.path = path;
    if (auto frame = make_frame(place, function, message)) frames_.add(std::move(*frame));
  }

  //   /app/a.js:3
  bool take_headline(std::string_view line) {
    const auto place = parse_place(line);
    if (!place || place->column != 0 || !is_script(place->path)) return false;
    const bool is_absolute = line.starts_with('/') || line.starts_with("file://") || line.substr(1).starts_with(":\\");
    if (!is_absolute && line.find_first_of(" \t") != std::string_view::npos) return false;
    add(*place, "", "");
    return true;
  }

  //   src/a.ts:3:7 - error TS2322: Type 'string' is not assignable to type 'number'.
  bool take_type_error(std::string_view line) {
    const std::size_t what = line.find(" - error TS");
    if (what == std::string_view::npos) return false;
    const auto place = parse_place(line.substr(0, what));
    if (!place) return false;
    const std::string_view message = line.substr(what + 3);
    if (message_.empty()) message_ = short_text(message);
    add(*place, "", message);
    return true;
  }

  FrameList frames_;
  std::string message_;
  std::string_view head_, previous_;
  int evidence_ = 0;
};

}  // namespace

Findings scan_node(Lines lines) {
  Scanner scanner;
  for (const std::string_view line : lines) scanner.take_line(line);
  return scanner.take();
}

}  // namespace oc::context::trace_scan
