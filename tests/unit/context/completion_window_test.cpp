// SPDX-License-Identifier: Apache-2.0
#include "context/completion_window.hpp"

#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <algorithm>

#include <random>

namespace oc::context {
namespace {

using base::LineNumber;
using base::TokenCount;
using ::testing::HasSubstr;

SourceFile file_of(std::string text) {
  SourceFile file;
  file.shown_path = "x.py";
  file.text = std::move(text);
  return file;
}

base::Result<TokenCount> count_bytes(std::string_view text) {
  return TokenCount(static_cast<std::int64_t>(text.size()));
}

TEST(SplitAtCursor, DefaultsToTheEndOfTheLine) {
  const auto at = split_at_cursor(file_of("ab\ncd\nef"), LineNumber(2), std::nullopt);
  ASSERT_TRUE(at);
  EXPECT_EQ(at->prefix, "ab\ncd");
  EXPECT_EQ(at->suffix, "\nef");
}

TEST(SplitAtCursor, ColumnsAreCharacters) {
  const SourceFile file = file_of("żółw = 1\n");
  EXPECT_EQ(split_at_cursor(file, LineNumber(1), 1)->prefix, "");
  EXPECT_EQ(split_at_cursor(file, LineNumber(1), 3)->prefix, "żó");
  EXPECT_EQ(split_at_cursor(file, LineNumber(1), 9)->suffix, "\n");
  const auto outside = split_at_cursor(file, LineNumber(1), 10);
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().kind, base::ErrorKind::usage);
  EXPECT_EQ(outside.error().message, "column 10 is outside line 1 of 'x.py', which has 8 characters");
  EXPECT_FALSE(split_at_cursor(file, LineNumber(1), 0));
  EXPECT_FALSE(split_at_cursor(file, LineNumber(1), -1));
}

TEST(SplitAtCursor, TheLineBehindTheLastNewlineExists) {
  EXPECT_EQ(split_at_cursor(file_of("a\n"), LineNumber(2), std::nullopt)->prefix, "a\n");
  EXPECT_EQ(split_at_cursor(file_of(""), LineNumber(1), 1)->prefix, "");
  EXPECT_FALSE(split_at_cursor(file_of("a"), LineNumber(2), std::nullopt));
  EXPECT_FALSE(split_at_cursor(file_of("a\n"), LineNumber(2), 2));
  EXPECT_EQ(split_at_cursor(file_of("a\n"), LineNumber(40), std::nullopt).error().message,
            "line 40 is outside 'x.py', which has 1 line");
  EXPECT_FALSE(split_at_cursor(file_of("a\n"), LineNumber(0), std::nullopt));
}

TEST(SplitAtCursor, BothHalvesAreTheFile) {
  const SourceFile file = file_of("é\n\n\t漢字\nend");
  for (int line = 1; line <= 4; ++line)
    for (int column = 1; column < 6; ++column)
      if (const auto at = split_at_cursor(file, LineNumber(line), column)) {
        EXPECT_EQ(at->prefix + at->suffix, file.text);
        EXPECT_EQ(base::find_invalid_utf8(at->prefix), std::nullopt);
        EXPECT_EQ(base::find_invalid_utf8(at->suffix), std::nullopt);
      }
}

TEST(TrimWindow, AllWhenThereIsRoom) {
  const auto window = trim_window("a\nb\nc", "d\ne\n", TokenCount(9), count_bytes);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->prefix, "a\nb\nc");
  EXPECT_EQ(window->suffix, "d\ne\n");
  EXPECT_EQ(window->lines_left_out_above, 0);
  EXPECT_EQ(window->lines_left_out_below, 0);
}

TEST(TrimWindow, KeepsTheNearestWholeLinesThreeToOne) {
  std::string many;
  for (int n = 0; n < 100; ++n) many += "123\n";
  const auto window = trim_window(many, many, TokenCount(40), count_bytes);
  ASSERT_TRUE(window);
  EXPECT_EQ(window->prefix.size(), 32u);
  EXPECT_EQ(window->suffix.size(), 8u);
  EXPECT_EQ(window->lines_left_out_above, 92);
  EXPECT_EQ(window->lines_left_out_below, 98);
}

TEST(TrimWindow, WhatOneSideDoesNotNeedGoesToTheOther) {
  std::string many;
  for (int n = 0; n < 100; ++n) many += "123\n";
  EXPECT_EQ(trim_window("ab", many, TokenCount(42), count_bytes)->suffix.size(), 40u);
  EXPECT_EQ(trim_window(many, "", TokenCount(43), count_bytes)->prefix.size(), 40u);
}

TEST(TrimWindow, TheLineOfTheCursorMustFit) {
  const auto window = trim_window("x\nabcdef", "ghi\ny", TokenCount(9), count_bytes);
  ASSERT_FALSE(window);
  EXPECT_EQ(window.error().kind, base::ErrorKind::too_large);
  EXPECT_THAT(window.error().message, HasSubstr("needs 10 tokens, 9 are free"));
  const auto exact = trim_window("x\nabcdef", "ghi\ny", TokenCount(10), count_bytes);
  ASSERT_TRUE(exact);
  EXPECT_EQ(exact->prefix, "abcdef");
  EXPECT_EQ(exact->suffix, "ghi\n");
}

TEST(TrimWindow, NeverCountsMuchMoreThanTheBudget) {
  std::string huge;
  for (int n = 0; n < 10000; ++n) huge += "some line of code\n";
  std::size_t longest = 0;
  int calls = 0;
  const auto counting = [&](std::string_view text) {
    longest = std::max(longest, text.size());
    ++calls;
    return count_bytes(text);
  };
  ASSERT_TRUE(trim_window(huge, huge, TokenCount(1000), counting));
  EXPECT_LT(longest, 4000u);
  EXPECT_LT(calls, 50);
}

TEST(TrimWindow, PropertiesHoldForRandomText) {
  std::mt19937 random(3);
  const auto number = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  const auto text = [&] {
    std::string out;
    for (int n = number(0, 60); n > 0; --n) out += number(0, 4) == 0 ? '\n' : 'x';
    return out;
  };
  for (int round = 0; round < 500; ++round) {
    const std::string prefix = text(), suffix = text();
    const TokenCount budget(number(0, 80));
    const auto window = trim_window(prefix, suffix, budget, count_bytes);
    if (!window) continue;
    EXPECT_LE(window->prefix_tokens + window->suffix_tokens, budget);
    EXPECT_EQ(window->prefix_tokens.value, static_cast<std::int64_t>(window->prefix.size()));
    ASSERT_TRUE(prefix.ends_with(window->prefix));
    ASSERT_TRUE(suffix.starts_with(window->suffix));
    const std::string_view above = std::string_view(prefix).substr(0, prefix.size() - window->prefix.size());
    const std::string_view below = std::string_view(suffix).substr(window->suffix.size());
    EXPECT_TRUE(above.empty() || above.ends_with('\n'));
    EXPECT_EQ(count_lines(above), window->lines_left_out_above);
    EXPECT_EQ(count_lines(below), window->lines_left_out_below);
    const bool is_room = prefix.size() + suffix.size() <= static_cast<std::size_t>(budget.value);
    EXPECT_TRUE(!is_room || window->lines_left_out_above + window->lines_left_out_below == 0);
  }
}

// Where an end moves, all that was computed of the prompt is of no more use.
TEST(TrimWindow, ItsEndsStayWhileSomebodyTypes) {
  std::string above, below;
  for (int n = 0; n < 500; ++n) above += "a line above\n";
  for (int n = 0; n < 500; ++n) below += "a line below\n";
  int moves = 0, keys = 0;
  std::int64_t top = -1, bottom = -1;
  std::size_t least = 10'000;
  for (int line = 0; line < 40; ++line) {
    for (const char key : std::string("and one typed\n")) {
      above += key;
      ++keys;
      const auto window = trim_window(above, below, TokenCount(2000), count_bytes);
      ASSERT_TRUE(window);
      if (window->lines_left_out_above != top || window->lines_left_out_below != bottom) ++moves;
      top = window->lines_left_out_above;
      bottom = window->lines_left_out_below;
      least = std::min(least, window->prefix.size() + window->suffix.size());
    }
  }
  EXPECT_EQ(keys, 560);
  EXPECT_LE(moves, 4);
  EXPECT_GE(least, 1400u) << "too much is left out for it";
}

}  // namespace
}  // namespace oc::context
