// SPDX-License-Identifier: Apache-2.0
// New lines in the place of old ones, with every other byte of the file as it was. Where the places are, and whether
// the change is wanted, was decided before.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace oc::edit {

// Why an edit is not made: for the user and, word for word, for the model. Lower case, no full stop.
struct Refusal {
  std::string reason;
  bool operator==(const Refusal&) const = default;
};

template <class Value>
using OrRefusal = std::expected<Value, Refusal>;

inline std::unexpected<Refusal> refuse(std::string reason) { return std::unexpected(Refusal{std::move(reason)}); }

// Lines [begin, end), from 0, become `text`; begin == end inserts before that line. `text` has LF line ends and ends
// with one unless it is empty.
struct LineReplacement {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
  bool operator==(const LineReplacement&) const = default;
};

// The file with all of them made, in any order. Lines that stay keep their bytes, new ones get the file's first line
// end; the byte order mark and whether the last line is ended stay as they are. One that changes nothing counts for
// nothing. Refused: two that overlap and are not the same, or are put in the same place and are no single lines; lines
// behind the end; the loss of bytes that are not UTF-8 (whoever wrote the new text did not see them). Linear, and
// line_match's cost for each replacement.
OrRefusal<std::string> replace_lines(std::string_view old_bytes, std::vector<LineReplacement> replacements);

}  // namespace oc::edit
