// SPDX-License-Identifier: Apache-2.0
#include "language_server/text_positions.hpp"

#include <algorithm>

namespace oc::language_server {
namespace {

struct Character {
  std::size_t bytes = 1;
  std::int64_t units = 1;
};

Character character_at(char first, PositionUnit unit) {
  const auto byte = static_cast<unsigned char>(first);
  const std::size_t bytes = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
  switch (unit) {
    case PositionUnit::utf8: return {bytes, static_cast<std::int64_t>(bytes)};
    case PositionUnit::utf16: return {bytes, bytes == 4 ? 2 : 1};
    case PositionUnit::utf32: return {bytes, 1};
  }
  return {};
}

}  // namespace

TextPositions::TextPositions(std::string_view text, PositionUnit unit) : text_(text), unit_(unit), lines_{0} {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_pair = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (text[i] == '\n' || (text[i] == '\r' && !is_pair)) lines_.push_back(i + 1);
  }
}

std::size_t TextPositions::end_of_line(std::size_t line) const {
  if (line + 1 == lines_.size()) return text_.size();
  const std::size_t next = lines_[line + 1];
  const bool is_pair = next - lines_[line] >= 2 && text_[next - 1] == '\n' && text_[next - 2] == '\r';
  return next - (is_pair ? 2 : 1);
}

Position TextPositions::position_of(std::size_t offset) const {
  const auto after = std::ranges::upper_bound(lines_, offset);
  Position position{after - lines_.begin() - 1, 0};
  for (std::size_t at = *(after - 1); at < offset && at < text_.size();) {
    const Character character = character_at(text_[at], unit_);
    at += character.bytes;
    position.character += character.units;
  }
  return position;
}

std::optional<std::size_t> TextPositions::offset_of(Position position) const {
  if (position.line < 0 || position.character < 0) return std::nullopt;
  if (static_cast<std::uint64_t>(position.line) >= lines_.size()) return text_.size();
  const auto line = static_cast<std::size_t>(position.line);
  const std::size_t end = end_of_line(line);
  std::int64_t left = position.character;
  std::size_t at = lines_[line];
  while (left > 0 && at < end) {
    const Character character = character_at(text_[at], unit_);
    if (character.units > left) return std::nullopt;
    left -= character.units;
    at += character.bytes;
  }
  return at;
}

}  // namespace oc::language_server
