// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/line_buffer.hpp"

#include <gtest/gtest.h>

namespace oc::cli {
namespace {

LineBuffer with(std::string_view text) {
  LineBuffer buffer;
  buffer.set(text);
  return buffer;
}

TEST(LineBuffer, StepsOverWholeCharacters) {
  LineBuffer buffer = with("a漢e\u0301");
  buffer.left();
  EXPECT_EQ(buffer.cursor(), 4);  // e and its accent are one
  buffer.left();
  EXPECT_EQ(buffer.cursor(), 1);
  buffer.remove();
  EXPECT_EQ(buffer.text(), "ae\u0301");
  buffer.end();
  buffer.backspace();
  EXPECT_EQ(buffer.text(), "a");
  buffer.backspace();
  buffer.backspace();
  EXPECT_TRUE(buffer.empty());
}

TEST(LineBuffer, MovesByWordsAndLines) {
  LineBuffer buffer = with("one two\nthree");
  EXPECT_FALSE(buffer.down());
  EXPECT_TRUE(buffer.up());
  EXPECT_EQ(buffer.cursor(), 5);
  EXPECT_FALSE(buffer.up());
  buffer.word_left();
  EXPECT_EQ(buffer.cursor(), 4);
  buffer.end();
  EXPECT_EQ(buffer.cursor(), 7);
  buffer.home();
  EXPECT_EQ(buffer.cursor(), 0);
  buffer.word_right();
  EXPECT_EQ(buffer.cursor(), 3);
}

TEST(LineBuffer, UpAndDownKeepTheColumnOfWideCharacters) {
  LineBuffer buffer = with("漢字漢字\nabcd");
  buffer.up();
  EXPECT_EQ(buffer.cursor(), 6);  // four columns are two of them
}

TEST(LineBuffer, KillsAndYanks) {
  LineBuffer buffer = with("one two three");
  buffer.kill_word();
  EXPECT_EQ(buffer.text(), "one two ");
  buffer.home();
  buffer.yank();
  EXPECT_EQ(buffer.text(), "threeone two ");
  buffer.kill_to_end();
  EXPECT_EQ(buffer.text(), "three");
  buffer.kill_to_start();
  EXPECT_TRUE(buffer.empty());
  buffer.set("ab");
  buffer.transpose();
  EXPECT_EQ(buffer.text(), "ba");
}

TEST(LineBuffer, ALongPasteIsOneCharacter) {
  LineBuffer buffer = with("before ");
  std::string paste;
  for (int i = 0; i < 1234; ++i) paste += "line\n";
  buffer.insert_paste(paste);
  buffer.insert(" after");
  std::size_t cursor = 0;
  EXPECT_EQ(buffer.shown(cursor), "before [pasted: 1 235 lines] after");
  EXPECT_EQ(cursor, buffer.shown(cursor).size());
  EXPECT_EQ(buffer.message(), "before " + paste + " after");
  for (int i = 0; i < 6; ++i) buffer.left();
  buffer.backspace();
  EXPECT_EQ(buffer.message(), "before  after");
}

TEST(LineBuffer, NothingElseLooksLikeAPaste) {
  LineBuffer buffer = with("a\U000F0000b");
  EXPECT_EQ(buffer.message(), "ab");
  buffer.insert_paste("\U000F0001short");
  EXPECT_EQ(buffer.message(), "abshort");
}

}  // namespace
}  // namespace oc::cli
