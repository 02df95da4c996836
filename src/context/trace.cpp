// SPDX-License-Identifier: Apache-2.0
#include "context/trace.hpp"

#include <algorithm>
#include <array>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "context/trace_scan.hpp"

namespace oc::context {
namespace {

using trace_scan::Findings;
using trace_scan::Lines;

// For text that no scanner knows: the last line that names an error class, else the first that speaks of an error, else
// the text itself if it is one line.
std::string find_message(Lines lines) {
  constexpr auto k_words = std::to_array<std::string_view>(
      {"error", "Error", "ERROR", "fatal", "Fatal", "exception", "Exception", "fault", "failed", "FAILED"});
  std::string_view head, speaks, only;
  int written = 0;
  for (const std::string_view line : lines) {
    const std::string_view text = base::trim(line);
    if (text.empty()) continue;
    only = ++written == 1 ? text : std::string_view{};
    if (trace_scan::is_error_head(text)) head = text;
    else if (speaks.empty() && std::ranges::any_of(k_words, [&](std::string_view w) { return text.contains(w); }))
      speaks = text;
  }
  return trace_scan::short_text(!head.empty() ? head : !speaks.empty() ? speaks : only);
}

}  // namespace

Trace parse_trace(std::string_view text) {
  const std::string clean = base::filter_controls(text);
  const std::vector<std::string_view> lines = base::split_lines(clean);
  // Of two with the same evidence the earlier one wins: the more peculiar form comes first.
  std::array found{trace_scan::scan_python(lines),   trace_scan::scan_rust(lines), trace_scan::scan_go(lines),
                   trace_scan::scan_java(lines),     trace_scan::scan_msvc(lines), trace_scan::scan_node(lines),
                   trace_scan::scan_gcc_clang(lines)};
  const auto best = std::ranges::max_element(found, {}, &Findings::evidence);
  if (best->evidence == 0)
    return {Trace::Kind::unknown, trace_scan::scan_unknown(lines).trace.frames, find_message(lines)};
  trace_scan::FrameList frames;
  frames.add_all(std::move(best->trace.frames));
  for (Findings& other : found)
    if (&other != &*best) frames.add_all(std::move(other.trace.frames));
  Trace trace{best->trace.kind, frames.take(), std::move(best->trace.message)};
  if (trace.message.empty()) trace.message = find_message(lines);
  return trace;
}

std::string_view to_string(Trace::Kind kind) {
  switch (kind) {
    case Trace::Kind::python: return "Python";
    case Trace::Kind::gcc_clang: return "gcc/clang";
    case Trace::Kind::msvc: return "MSVC";
    case Trace::Kind::java: return "Java";
    case Trace::Kind::node: return "Node";
    case Trace::Kind::rust: return "Rust";
    case Trace::Kind::go: return "Go";
    case Trace::Kind::unknown: break;
  }
  return "unknown";
}

}  // namespace oc::context
