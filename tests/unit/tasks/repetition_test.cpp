// SPDX-License-Identifier: Apache-2.0
#include "tasks/repetition.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace oc::tasks {
namespace {

using Verdict = ActionHistory::Verdict;

std::string times(int count, const std::string& passage) {
  std::string text;
  for (int i = 0; i < count; ++i) text += passage;
  return text;
}

TEST(Repetition, TextThatGoesRound) {
  EXPECT_TRUE(goes_round_in_circles("It is so. " + times(130, "word ")));
  EXPECT_TRUE(goes_round_in_circles(
      times(4, "def test_total():\n    assert total([1, 2]) == 3\n" + std::string(110, 'x') + "\n")));
  EXPECT_TRUE(goes_round_in_circles("A" + times(5, std::string(500, 'y') + "\n")));
}

TEST(Repetition, TextThatDoesNot) {
  EXPECT_FALSE(goes_round_in_circles(""));
  EXPECT_FALSE(goes_round_in_circles(times(100, "word ")));  // 500 bytes may be meant
  EXPECT_FALSE(goes_round_in_circles(std::string(500, '-') + "\n"));
  EXPECT_FALSE(goes_round_in_circles(times(3, std::string(300, 'x') + "1\n")));
  std::string table;
  for (int i = 0; i < 400; ++i) table += fmt::format("    {{{}, 0, 0}},\n", i * 7919 % 1000);
  EXPECT_FALSE(goes_round_in_circles(table));
}

TEST(Repetition, TheSameActionAgain) {
  ActionHistory history;
  EXPECT_EQ(history.add("read a", "x"), Verdict::fresh);
  EXPECT_EQ(history.add("read a", "y"), Verdict::fresh);  // the file changed in between
  EXPECT_EQ(history.add("read a", "x"), Verdict::repeated);
  EXPECT_EQ(history.add("read b", "x"), Verdict::fresh);
  EXPECT_EQ(history.add("read a", "x"), Verdict::circling);
}

TEST(Repetition, TwoActionsInTurn) {
  ActionHistory history;
  EXPECT_EQ(history.add("read a", "x"), Verdict::fresh);
  EXPECT_EQ(history.add("read b", "x"), Verdict::fresh);
  EXPECT_EQ(history.add("read a", "x"), Verdict::repeated);
  EXPECT_EQ(history.add("read b", "x"), Verdict::circling);
}

}  // namespace
}  // namespace oc::tasks
