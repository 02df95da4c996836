// SPDX-License-Identifier: Apache-2.0
// The scanners behind trace.hpp: one for each family of tools, and what they share. Nobody else includes this.
// Lines come without control characters and in valid UTF-8; each scanner looks at a line a bounded number of times.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "context/trace.hpp"

namespace oc::context::trace_scan {

using Lines = std::span<const std::string_view>;

// What one scanner found. `evidence` counts the lines it is sure about; 0: not its kind of text.
struct Findings {
  Trace trace;
  int evidence = 0;
};

Findings scan_python(Lines lines);
Findings scan_gcc_clang(Lines lines);
Findings scan_msvc(Lines lines);
Findings scan_java(Lines lines);
Findings scan_node(Lines lines);
Findings scan_rust(Lines lines);
Findings scan_go(Lines lines);
Findings scan_unknown(Lines lines);

// A list of frames in order of relevance: drops what repeats a file and line, stops at k_most_frames.
class FrameList {
 public:
  void add(Frame frame);
  void add_all(std::vector<Frame> frames);
  std::vector<Frame> take() { return std::move(frames_); }
  bool is_empty() const { return frames_.empty(); }

 private:
  std::vector<Frame> frames_;
  std::map<std::pair<std::string, int>, std::size_t> known_;  // file and line → index
};

// The first k_most_frames of a group and, for stacks that print the innermost call last, the last ones, turned round.
class FrameGroup {
 public:
  void add(Frame frame);
  bool is_empty() const { return frames_.empty(); }
  std::vector<Frame> take_last_first();

 private:
  std::vector<Frame> frames_;  // may hold up to twice as many as are handed out
};

// 1 … 999 999 999; nullopt for anything else, also for signs and spaces.
std::optional<int> parse_number(std::string_view digits);

// "path:12:5" or "path:12"; the path may hold colons ("C:\a.c:3"). nullopt if it does not end that way.
struct Place {
  std::string_view path;
  int line = 1;
  int column = 0;
};
std::optional<Place> parse_place(std::string_view text);

// A frame at the place; paths and texts that are too long to be one are cut or refused (nullopt).
std::optional<Frame> make_frame(const Place& place, std::string_view function, std::string_view message);

// At most 1 000 bytes of the trimmed text.
std::string short_text(std::string_view text);

// Behind the prefix, if the text has it.
std::optional<std::string_view> after_prefix(std::string_view text, std::string_view prefix);
// Lower-case extension without its dot: "js"; empty if there is none.
std::string extension_of(std::string_view path);
// "TypeError: …", "java.lang.Exception": begins with a name that can be an error class, followed by ':' or nothing.
bool is_error_head(std::string_view line);
// "file:///a%20b/c.js" → "/a b/c.js", "file:///C:/x" → "C:/x"; other text unchanged.
std::string path_of_address(std::string_view text);

}  // namespace oc::context::trace_scan
