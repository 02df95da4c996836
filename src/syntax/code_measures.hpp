// SPDX-License-Identifier: Apache-2.0
// What can be counted in a source file without knowing any other: of each function its length, nesting, decisions and
// parameters; its tokens, for the search for copies; its comments. Text in, plain values out: no disk, no judgement.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "syntax/outline.hpp"

namespace oc::syntax {

// Functions and methods with a body. What stands in a function inside counts there, in a lambda for the function round
// it.
struct FunctionMeasures {
  int symbol = 0;               // index in Outline::symbols
  std::int64_t code_lines = 0;  // lines with code, from the name to the end
  std::int64_t nesting = 0;     // the most control structures inside each other; else-if is no deeper than its if
  std::int64_t complexity = 1;  // McCabe's: 1 and one for each decision: if, loop, case, catch, ?:, &&, ||
  std::int64_t parameters = 0;  // without the object itself (self, this)
};

struct CodeToken {
  std::uint64_t hash = 0;  // of its text; the same on every machine
  std::uint32_t begin = 0, end = 0;
  std::uint32_t line = 1;
  bool is_import = false;  // of a line that imports: files that need the same are no copies
};

struct CodeComment {
  ByteRange range;
  base::LineNumber line;
};

struct CodeMeasures {
  Outline outline;
  std::vector<FunctionMeasures> functions;  // by position
  std::vector<CodeToken> tokens;            // by position, without comments
  std::vector<CodeComment> comments;        // by position
};

// Is there a grammar, and does the language have functions? The others have nothing to measure.
bool has_functions(const Language& language);

// A parser for one thread; keeps its memory from one text to the next.
class MeasureReader {
 public:
  MeasureReader();
  ~MeasureReader();
  MeasureReader(const MeasureReader&) = delete;
  MeasureReader& operator=(const MeasureReader&) = delete;

  // nullopt: the language has no grammar, or the time was over. Any bytes are allowed; linear in the text, never
  // recurses with its depth.
  std::optional<CodeMeasures> read(const Language& language, std::string_view text, const OutlineLimits& limits);

 private:
  struct State;
  State* state_;
};

}  // namespace oc::syntax
