// SPDX-License-Identifier: Apache-2.0
// Bytes of a text as lines and characters, in the unit that a server counts in, and back. Exact, or not at all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace oc::language_server {

// What a character of a position is: a byte, a unit of UTF-16, a code point.
enum class PositionUnit { utf8, utf16, utf32 };

struct Position {
  std::int64_t line = 0;       // from 0 on
  std::int64_t character = 0;  // from 0 on, in units
  bool operator==(const Position&) const = default;
};

// Lines end with "\n", "\r\n" or "\r", as the protocol has it. Both ways cost a line's length.
class TextPositions {
 public:
  // Valid UTF-8, which must outlive this.
  TextPositions(std::string_view text, PositionUnit unit);

  // Of an offset at the beginning of a character, or of the text's end.
  Position position_of(std::size_t offset) const;
  // nullopt: within a character, or a negative number. As the protocol says, what is beyond the end of a line is its
  // end; what is beyond the last line is the end of the text.
  std::optional<std::size_t> offset_of(Position position) const;

 private:
  std::size_t end_of_line(std::size_t line) const;

  std::string_view text_;
  PositionUnit unit_;
  std::vector<std::size_t> lines_;  // where they begin
};

}  // namespace oc::language_server
