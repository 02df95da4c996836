// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/screen_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oc::cli {
namespace {

using testing::ElementsAre;

TEST(ScreenLines, WrapsAtTheWidth) {
  const ScreenLines lines = lay_out("> ", "abcdefghij", 10, 8);
  EXPECT_THAT(lines.rows, ElementsAre("> abcdef", "ghij"));
  EXPECT_EQ(lines.cursor_row, 1);
  EXPECT_EQ(lines.cursor_column, 4);
}

TEST(ScreenLines, AFullRowIsFollowedByAnEmptyOne) {
  const ScreenLines lines = lay_out("> ", "abcdef", 6, 8);
  EXPECT_THAT(lines.rows, ElementsAre("> abcdef", ""));
  EXPECT_EQ(lines.cursor_row, 1);
  EXPECT_EQ(lines.cursor_column, 0);
}

TEST(ScreenLines, WideCharactersStayWhole) {
  const ScreenLines lines = lay_out("> ", "abcde漢x", 5, 8);
  EXPECT_THAT(lines.rows, ElementsAre("> abcde", "漢x"));
  EXPECT_EQ(lines.cursor_row, 1);
  EXPECT_EQ(lines.cursor_column, 0);
}

TEST(ScreenLines, LinesStandUnderEachOther) {
  const ScreenLines lines = lay_out("> ", "a\nb\n", 2, 20);
  EXPECT_THAT(lines.rows, ElementsAre("> a", "  b", "  "));
  EXPECT_EQ(lines.cursor_row, 1);
  EXPECT_EQ(lines.cursor_column, 2);
}

TEST(ScreenLines, ATallTextIsShownAroundTheCursor) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += std::to_string(i) + "\n";
  const ScreenLines part = part_on_screen(lay_out("> ", text, text.size(), 20), 5);
  EXPECT_THAT(part.rows, ElementsAre("  96", "  97", "  98", "  99", "  "));
  EXPECT_EQ(part.cursor_row, 4);
  EXPECT_EQ(part_on_screen(lay_out("> ", text, 0, 20), 5).rows.front(), "> 0");
}

}  // namespace
}  // namespace oc::cli
