// SPDX-License-Identifier: Apache-2.0
#include "language_server/text_positions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace oc::language_server {
namespace {

// One byte, two, three, and four (two units of UTF-16).
const std::string k_text = "aß€😀b\nx\r\n\ry";

TEST(TextPositions, CountsInEachUnit) {
  const std::size_t b = std::string("aß€😀").size();
  EXPECT_EQ(TextPositions(k_text, PositionUnit::utf8).position_of(b), (Position{0, 10}));
  EXPECT_EQ(TextPositions(k_text, PositionUnit::utf16).position_of(b), (Position{0, 5}));
  EXPECT_EQ(TextPositions(k_text, PositionUnit::utf32).position_of(b), (Position{0, 4}));
}

TEST(TextPositions, GoesThereAndBackAtEveryCharacter) {
  for (const auto unit : {PositionUnit::utf8, PositionUnit::utf16, PositionUnit::utf32}) {
    const TextPositions positions(k_text, unit);
    for (std::size_t at = 0; at <= k_text.size(); ++at) {
      const bool is_within = at < k_text.size() && (static_cast<unsigned char>(k_text[at]) & 0xC0) == 0x80;
      const bool is_in_line_end = at > 0 && at < k_text.size() && k_text[at - 1] == '\r' && k_text[at] == '\n';
      if (is_within || is_in_line_end) continue;
      EXPECT_EQ(positions.offset_of(positions.position_of(at)), at) << at;
    }
  }
}

TEST(TextPositions, HasThreeKindsOfLineEnds) {
  const TextPositions positions(k_text, PositionUnit::utf16);
  EXPECT_EQ(positions.position_of(k_text.size() - 1), (Position{3, 0}));
  EXPECT_EQ(positions.offset_of({1, 1}), k_text.find('\r'));
  EXPECT_EQ(positions.offset_of({2, 0}), k_text.find("\ry"));
}

TEST(TextPositions, HalfOfAPairIsNowhere) {
  const TextPositions positions(k_text, PositionUnit::utf16);
  EXPECT_EQ(positions.offset_of({0, 4}), std::nullopt);
  EXPECT_EQ(TextPositions(k_text, PositionUnit::utf8).offset_of({0, 2}), std::nullopt);
  EXPECT_EQ(TextPositions(k_text, PositionUnit::utf32).offset_of({0, 4}), std::string("aß€😀").size());
}

TEST(TextPositions, BeyondTheEndIsTheEnd) {
  const TextPositions positions(k_text, PositionUnit::utf16);
  EXPECT_EQ(positions.offset_of({0, 99}), k_text.find('\n'));
  EXPECT_EQ(positions.offset_of({1, 2'147'483'647}), k_text.find('\r'));
  EXPECT_EQ(positions.offset_of({3, 99}), k_text.size());
  EXPECT_EQ(positions.offset_of({2'147'483'647, 0}), k_text.size());
  EXPECT_EQ(positions.offset_of({-1, 0}), std::nullopt);
  EXPECT_EQ(positions.offset_of({0, -1}), std::nullopt);
}

TEST(TextPositions, AnEmptyTextHasOneLine) {
  const TextPositions positions("", PositionUnit::utf16);
  EXPECT_EQ(positions.position_of(0), (Position{0, 0}));
  EXPECT_EQ(positions.offset_of({0, 0}), 0U);
}

}  // namespace
}  // namespace oc::language_server
