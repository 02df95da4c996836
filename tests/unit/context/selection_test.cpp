// SPDX-License-Identifier: Apache-2.0
#include "context/selection.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <gtest/gtest.h>
#include <algorithm>

#include <random>
#include <set>

#include "base/text.hpp"

namespace oc::context {
namespace {

using base::LineNumber;
using base::TokenCount;
using ::testing::HasSubstr;

// One token a byte: what fits can be seen.
base::Result<TokenCount> count_bytes(std::string_view text) {
  return TokenCount(static_cast<std::int64_t>(text.size()));
}

// Lines "a01" … of a file called "a": every line is 4 tokens.
Piece lines_of(const std::string& path, int first, int last, Need need, const std::string& reason = "asked for") {
  std::string text;
  for (int n = first; n <= last; ++n) text += fmt::format("{}{:02}\n", path, n % 100);
  return {path, {LineNumber(first), LineNumber(last)}, text, reason, need};
}

TEST(Select, KeepsTheOrderAndTheSum) {
  const auto selected = select({lines_of("b", 1, 2, Need::optional, "near"), lines_of("a", 1, 3, Need::required)},
                               TokenCount(100), count_bytes);
  ASSERT_TRUE(selected);
  ASSERT_EQ(selected->pieces.size(), 2u);
  EXPECT_EQ(selected->pieces[0].path, "b");
  EXPECT_EQ(selected->ledger.used, TokenCount(20));
  EXPECT_EQ(selected->ledger.budget, TokenCount(100));
  EXPECT_EQ(selected->ledger.items[0].reason, "near");
  EXPECT_EQ(selected->ledger.items[1].tokens, TokenCount(12));
  EXPECT_TRUE(selected->ledger.dropped.empty());
}

TEST(Select, RequiredThatDoNotFitAreAnErrorWithTheNumbers) {
  const auto selected = select({lines_of("a", 1, 3000, Need::required)}, TokenCount(7000), count_bytes);
  ASSERT_FALSE(selected);
  EXPECT_EQ(selected.error().kind, base::ErrorKind::too_large);
  EXPECT_THAT(selected.error().message, HasSubstr("needs 12 000 tokens, 7 000 are free"));
  EXPECT_FALSE(selected.error().hint.empty());
  EXPECT_THAT(select({lines_of("a", 1, 1, Need::required)}, TokenCount(-5), count_bytes).error().message,
              HasSubstr("0 are free"));
}

TEST(Select, RequiredComesBeforeOptionalWhereverItStands) {
  const auto selected =
      select({lines_of("a", 1, 10, Need::optional), lines_of("b", 1, 10, Need::required)}, TokenCount(60), count_bytes);
  ASSERT_TRUE(selected);
  ASSERT_EQ(selected->pieces.size(), 1u);
  EXPECT_EQ(selected->pieces[0].path, "b");
  ASSERT_EQ(selected->ledger.dropped.size(), 1u);
  EXPECT_EQ(selected->ledger.dropped[0], (Dropped{"a",
                                                  {LineNumber(1), LineNumber(10)},
                                                  TokenCount(40),
                                                  "asked for; does not fit: needs 40 tokens, 20 are free"}));
}

TEST(Select, ASmallerOneAfterADroppedOneIsStillTried) {
  const auto selected =
      select({lines_of("a", 1, 10, Need::optional), lines_of("b", 1, 5, Need::optional)}, TokenCount(20), count_bytes);
  ASSERT_TRUE(selected);
  ASSERT_EQ(selected->pieces.size(), 1u);
  EXPECT_EQ(selected->pieces[0].path, "b");
  EXPECT_EQ(selected->ledger.used, TokenCount(20));
}

TEST(Select, JoinsWhatOverlapsOrTouches) {
  const auto selected =
      select({lines_of("a", 10, 20, Need::optional, "line 15"), lines_of("b", 1, 1, Need::optional),
              lines_of("a", 5, 12, Need::optional, "line 8"), lines_of("a", 21, 22, Need::optional, "line 15"),
              lines_of("a", 24, 24, Need::optional)},
             TokenCount(1000), count_bytes);
  ASSERT_TRUE(selected);
  ASSERT_EQ(selected->pieces.size(), 3u);
  EXPECT_EQ(selected->pieces[0].text, lines_of("a", 5, 22, Need::optional).text);
  EXPECT_EQ(selected->pieces[0].lines, (base::LineRange{LineNumber(5), LineNumber(22)}));
  EXPECT_EQ(selected->pieces[0].reason, "line 15; line 8");
  EXPECT_EQ(selected->pieces[1].path, "b");
  EXPECT_EQ(selected->pieces[2].lines.first, LineNumber(24));
  EXPECT_EQ(selected->ledger.used, TokenCount(18 * 4 + 4 + 4));
}

TEST(Select, AnOptionalPieceOnlyCostsWhatItAddsToARequiredOne) {
  const std::vector<Piece> pieces{lines_of("a", 1, 10, Need::required), lines_of("a", 5, 12, Need::optional)};
  const auto fits = select(pieces, TokenCount(48), count_bytes);
  ASSERT_TRUE(fits);
  ASSERT_EQ(fits->pieces.size(), 1u);
  EXPECT_EQ(fits->pieces[0].text, lines_of("a", 1, 12, Need::required).text);
  EXPECT_EQ(fits->pieces[0].need, Need::required);
  const auto tight = select(pieces, TokenCount(47), count_bytes);
  ASSERT_TRUE(tight);
  EXPECT_EQ(tight->pieces[0].lines.last, LineNumber(10));
  ASSERT_EQ(tight->ledger.dropped.size(), 1u);
  EXPECT_EQ(tight->ledger.dropped[0].tokens, TokenCount(8));
}

TEST(Select, BridgesBetweenTwoPieces) {
  const auto selected = select(
      {lines_of("a", 1, 3, Need::required), lines_of("a", 7, 9, Need::required), lines_of("a", 4, 6, Need::required)},
      TokenCount(36), count_bytes);
  ASSERT_TRUE(selected);
  ASSERT_EQ(selected->pieces.size(), 1u);
  EXPECT_EQ(selected->pieces[0].text, lines_of("a", 1, 9, Need::required).text);
}

TEST(Select, WhatHasNoFileOrNoWholeLinesIsNeverJoined) {
  Piece error{"", {LineNumber(1), LineNumber(1)}, "boom", "the error", Need::required};
  Piece odd{"a", {LineNumber(1), LineNumber(5)}, "two\nlines\n", "odd", Need::required};
  const auto selected = select({error, error, odd, lines_of("a", 1, 2, Need::required)}, TokenCount(100), count_bytes);
  ASSERT_TRUE(selected);
  EXPECT_EQ(selected->pieces.size(), 4u);
}

TEST(Select, AFailingCountEndsIt) {
  const auto failing = [](std::string_view) -> base::Result<TokenCount> {
    return base::fail(base::ErrorKind::engine, "gone");
  };
  EXPECT_EQ(select({lines_of("a", 1, 1, Need::optional)}, TokenCount(9), failing).error().message, "gone");
  EXPECT_TRUE(select({}, TokenCount(0), failing));
}

TEST(Select, PropertiesHoldForRandomPieces) {
  std::mt19937 random(7);
  const auto number = [&](int low, int high) { return std::uniform_int_distribution(low, high)(random); };
  for (int round = 0; round < 200; ++round) {
    std::vector<Piece> pieces;
    std::set<std::pair<std::string, int>> required, all;
    for (int i = number(0, 8); i > 0; --i) {
      const std::string path(1, static_cast<char>('a' + number(0, 2)));
      const int first = number(1, 40), last = first + number(0, 10);
      const Need need = number(0, 3) == 0 ? Need::required : Need::optional;
      pieces.push_back(lines_of(path, first, last, need));
      for (int n = first; n <= last; ++n) {
        all.insert({path, n});
        if (need == Need::required) required.insert({path, n});
      }
    }
    const TokenCount budget(number(0, 300));
    const auto selected = select(pieces, budget, count_bytes);
    ASSERT_EQ(selected.has_value(), static_cast<std::int64_t>(required.size()) * 4 <= budget.value);
    if (!selected) continue;
    EXPECT_EQ(select(pieces, budget, count_bytes)->ledger, selected->ledger);
    EXPECT_LE(selected->ledger.used, budget);
    std::set<std::pair<std::string, int>> shown;
    std::int64_t bytes = 0;
    for (const Piece& piece : selected->pieces) {
      bytes += static_cast<std::int64_t>(piece.text.size());
      int n = static_cast<int>(piece.lines.first.value);
      for (const auto line : base::split_lines(piece.text)) {
        EXPECT_EQ(line, fmt::format("{}{:02}", piece.path, n));
        EXPECT_TRUE(shown.insert({piece.path, n++}).second) << "a line is shown twice";
      }
      EXPECT_EQ(n, piece.lines.last.value + 1);
    }
    EXPECT_EQ(bytes, selected->ledger.used.value);
    EXPECT_TRUE(std::ranges::includes(shown, required));
    EXPECT_TRUE(std::ranges::includes(all, shown));
    for (const Dropped& dropped : selected->ledger.dropped)
      for (auto n = dropped.lines.first.value; n <= dropped.lines.last.value; ++n)
        all.erase({dropped.path, static_cast<int>(n)});
    EXPECT_TRUE(std::ranges::includes(shown, all)) << "what is not shown must be named as dropped";
  }
}

}  // namespace
}  // namespace oc::context
