// SPDX-License-Identifier: Apache-2.0
// What a compiler or a crashed program printed, as places in files. Pure; no disk: which of the files exist and may be
// read is trace_pieces.hpp's matter.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::context {

struct Frame {
  std::string path;      // as printed; a file:// address as the path in it; never empty
  int line = 1;          // 1-based
  int column = 0;        // 1-based, in the tool's own units; 0: unknown
  std::string function;  // as printed; empty if unknown
  std::string message;   // what the tool says about this very place (a diagnostic); empty for stack frames
  bool operator==(const Frame&) const = default;
};

struct Trace {
  enum class Kind { python, gcc_clang, msvc, java, node, rust, go, unknown };

  Kind kind = Kind::unknown;
  std::vector<Frame>
      frames;           // the place to look at first comes first; one for each file and line; at most k_most_frames
  std::string message;  // the error itself: "TypeError: unsupported operand …"; empty if there is none to be found
};

inline constexpr std::size_t k_most_frames = 256;

// Finds one trace in a text that may hold anything else too. Control sequences are ignored. When several kinds are
// mixed the one with most recognised lines gives kind and message, the frames of the others come last. Text of no known
// kind: Kind::unknown, with the places that look like "file.ext:12". Linear in the text; any bytes are allowed.
Trace parse_trace(std::string_view text);

// "python", "gcc/clang" …: for people.
std::string_view to_string(Trace::Kind kind);

}  // namespace oc::context
