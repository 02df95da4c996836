// SPDX-License-Identifier: Apache-2.0
// Copies: the same tokens in the same order, in several places. Names count, blanks and comments do not. Pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/cancel.hpp"
#include "base/units.hpp"

namespace oc::quality {

// The tokens of one file, as hashes, and the line of each.
struct FileTokens {
  std::vector<std::uint64_t> hashes;
  std::vector<std::uint32_t> lines;
};

inline constexpr std::size_t k_least_clone_tokens = 50;
// More tokens than these are not looked at, which bounds the memory to about 400 MB.
inline constexpr std::size_t k_most_clone_tokens = 16'000'000;

struct ClonePlace {
  std::size_t file = 0;
  base::LineRange lines;
};

struct Clone {
  std::int64_t tokens = 0;
  std::vector<ClonePlace> places;  // at least two, by file and line; none overlaps another
};

struct CloneSearch {
  std::vector<Clone> clones;      // the longest first
  std::int64_t copied_lines = 0;  // lines with a token that also stands elsewhere, each once
  bool is_whole = true;           // false: there were too many tokens, or too much that repeats itself
};

// Finds every two places with at least `least` equal tokens, except where a text repeats itself more often than anybody
// would read. About linear in the tokens: fingerprints of windows are compared, not texts.
CloneSearch find_clones(std::span<const FileTokens> files, std::size_t least, const base::CancelToken& cancel);

}  // namespace oc::quality
