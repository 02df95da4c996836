// SPDX-License-Identifier: Apache-2.0
#include "inference/drafter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "inference/draft_width.hpp"

namespace oc::inference {
namespace {

using llama::TokenId;
using testing::ElementsAre;
using testing::IsEmpty;
using Tokens = std::vector<TokenId>;

Drafter after(const Tokens& past, const Tokens& prompt, const Tokens& answer) {
  Drafter drafter(past, prompt);
  for (const TokenId token : answer) drafter.append(token);
  return drafter;
}

TEST(Drafter, GoesOnWhereTheTextStoodBefore) {
  Drafter drafter = after({}, {1, 2, 3, 4, 5, 6, 7}, {2, 3, 4});
  const Draft draft = drafter.propose(2);
  EXPECT_THAT(draft.tokens, ElementsAre(5, 6));
  EXPECT_EQ(draft.matched, 3);
  EXPECT_THAT(drafter.propose(10).tokens, ElementsAre(5, 6, 7, 2, 3, 4)) << "the text goes on into the answer itself";
}

TEST(Drafter, TheLongestMatchWins) {
  Drafter drafter = after({}, {9, 1, 2, 3, 50, 8, 1, 2, 3, 60}, {9, 1, 2, 3});
  EXPECT_THAT(drafter.propose(1).tokens, ElementsAre(50));
}

TEST(Drafter, OfEqualMatchesTheNewest) {
  Drafter drafter = after({}, {1, 2, 3, 50, 1, 2, 3, 60}, {7, 1, 2, 3});
  EXPECT_THAT(drafter.propose(1).tokens, ElementsAre(60));
}

TEST(Drafter, ACopyGoesOnWhereItWas) {
  Drafter drafter = after({}, {1, 2, 3, 4, 50, 1, 2, 3, 4, 60}, {9, 1, 2, 3});
  drafter.propose(1);
  drafter.append(4);
  // Both places match equally; without memory the newest would win in either case, so ask from the older one.
  Drafter older = after({}, {8, 1, 2, 3, 4, 50, 7, 1, 2, 3, 4, 60}, {8, 1, 2, 3});
  EXPECT_THAT(older.propose(1).tokens, ElementsAre(4));
  older.append(4);
  EXPECT_THAT(older.propose(1).tokens, ElementsAre(50));
}

TEST(Drafter, NothingOfTooShortMatchesAndOverBorders) {
  EXPECT_THAT(after({}, {1, 2, 3}, {2, 9}).propose(4).tokens, IsEmpty());
  EXPECT_THAT(after({}, {}, {}).propose(4).tokens, IsEmpty());
  EXPECT_THAT(after({}, {1, 2, 3, 4}, {1, 2, 3}).propose(0).tokens, IsEmpty());
  // An earlier answer ends where it ends: nothing follows it.
  EXPECT_THAT(after({1, 2, 3}, {7, 8}, {1, 2, 3}).propose(4).tokens, IsEmpty());
  EXPECT_THAT(after({1, 2, 3, 4}, {7, 8}, {1, 2, 3}).propose(4).tokens, ElementsAre(4));
}

TEST(Drafter, WhatItProposesAlwaysFollowedItsMatchSomewhere) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    Tokens prompt(60);
    for (TokenId& token : prompt) token = static_cast<TokenId>(random() % 4);
    Drafter drafter({}, prompt);
    Tokens text = prompt;
    for (int i = 0; i < 40; ++i) {
      const Draft draft = drafter.propose(5);
      if (!draft.tokens.empty()) {
        Tokens wanted(text.end() - Drafter::k_shortest_return, text.end());
        wanted.insert(wanted.end(), draft.tokens.begin(), draft.tokens.end());
        EXPECT_FALSE(std::ranges::search(text, wanted).empty());
        EXPECT_GE(draft.matched, Drafter::k_shortest_match);
      }
      const auto token = static_cast<TokenId>(random() % 4);
      drafter.append(token);
      text.push_back(token);
    }
    EXPECT_EQ(drafter.answer().size(), 40u);
  }
}

TEST(Drafter, ACopyGoesOnBehindAChange) {
  const Tokens original{10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26};
  const auto after_change = [&](const Tokens& change) {
    Drafter drafter({}, original);
    for (const TokenId token : {10, 11, 12, 13, 14, 15, 16, 17, 18, 19}) {
      drafter.append(token);
      drafter.propose(1);
    }
    for (const TokenId token : change) {
      drafter.append(token);
      drafter.propose(1);
    }
    return drafter.propose(2);
  };
  EXPECT_THAT(after_change({50, 51, 21, 22}).tokens, ElementsAre(23, 24)) << "replaced";
  EXPECT_THAT(after_change({50, 20, 21}).tokens, ElementsAre(22, 23)) << "inserted";
  EXPECT_THAT(after_change({22, 23}).tokens, ElementsAre(24, 25)) << "deleted";
  EXPECT_THAT(after_change({50, 51}).tokens, IsEmpty());
  EXPECT_THAT(after_change({50, 21}).tokens, IsEmpty()) << "one token says nothing";
}

// The reference machine's 7B, ms.
StepTimes usual_times() {
  StepTimes times;
  const double ms[] = {160, 250, 430, 1100, 1190, 2280};
  for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i) times.set(i, ms[i]);
  return times;
}

TEST(StepTimes, LieBetweenWhatWasMeasured) {
  const StepTimes times = usual_times();
  EXPECT_DOUBLE_EQ(times.ms(1), 160);
  EXPECT_DOUBLE_EQ(times.ms(3), 340);
  EXPECT_DOUBLE_EQ(times.ms(32), 2280);
  EXPECT_DOUBLE_EQ(times.ms(64), 4560);
  for (int rows = 1; rows < 40; ++rows) EXPECT_LE(times.ms(rows), times.ms(rows + 1)) << rows;
}

TEST(StepTimes, FollowTheMachineSlowlyAndNothingElse) {
  StepTimes times = usual_times();
  times.observe(1, 16'000);
  EXPECT_LT(times.ms(1), 160 * 1.1) << "one slow call is a neighbour";
  for (int i = 0; i < 200; ++i) times.observe(1, 320);
  EXPECT_NEAR(times.ms(1), 320, 10);
  StepTimes unknown;
  unknown.observe(1, 100);
  EXPECT_FALSE(unknown.is_known());
}

TEST(DraftWidth, NothingIsGuessedWhileNothingIsKnown) {
  StepTimes unknown;
  EXPECT_EQ(DraftWidth(unknown).choose(32), 0u);
  EXPECT_FALSE(DraftWidth(unknown).is_of_use());
}

TEST(DraftWidth, LongMatchesAreWorthWideCallsOnceTheyHaveBeenRight) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  EXPECT_EQ(width.choose(3), 0u) << "a chance of one half pays no call on this machine";
  EXPECT_EQ(width.choose(32), 3u) << "nothing has been gained that may be lost";
  for (int round = 0; round < 4; ++round) {
    const std::size_t drafted = width.choose(32);
    width.learn(32, drafted, drafted, times.ms(static_cast<int>(drafted) + 1));
  }
  EXPECT_GE(width.choose(32), 15u);
}

TEST(DraftWidth, WhatADraftModelCostsCounts) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  for (int i = 0; i < 20; ++i) width.learn(DraftWidth::k_of_model, 3, 3, 430);
  const std::size_t free = width.choose(DraftWidth::k_of_model);
  EXPECT_GT(free, 0u);
  EXPECT_LE(width.choose(DraftWidth::k_of_model, 30), free);
  EXPECT_EQ(width.choose(DraftWidth::k_of_model, 160), 0u) << "as slow as the model itself";
  for (int i = 0; i < 60; ++i) width.learn(DraftWidth::k_of_model, 3, 0, 160);
  EXPECT_EQ(width.choose(DraftWidth::k_of_model), 0u) << "it is always wrong";
}

// It wants to end where the text goes on, say.
TEST(DraftWidth, ADraftModelThatIsAskedForNothingIsNotAskedForEver) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  int asked = 0;
  for (int token = 0; token < 1000; ++token) {
    const bool is_asked = width.choose(DraftWidth::k_of_model, 16) > 0;
    asked += is_asked ? 1 : 0;
    width.learn(is_asked ? DraftWidth::k_of_model : 0, 0, 0, times.ms(1) + (is_asked ? 16 : 0));
  }
  EXPECT_LE(asked, 100);
}

TEST(DraftWidth, OnAMachineWhereRowsCostInFullNothingIsGuessed) {
  StepTimes times;
  for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i) times.set(i, 100.0 * StepTimes::k_rows[i]);
  EXPECT_EQ(DraftWidth(times).choose(32), 0u);
}

// What answers of so many tokens lose, in tokens, when every guess is wrong; `matches`: before the tokens, in turns.
double tokens_lost(int tokens, const std::vector<int>& matches) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  double lost_ms = 0;
  for (int token = 0; token < tokens; ++token) {
    const int matched = matches[static_cast<std::size_t>(token) % matches.size()];
    const std::size_t drafted = width.choose(matched);
    const double ms = times.ms(static_cast<int>(drafted) + 1);
    lost_ms += ms - times.ms(1);
    width.learn(matched, drafted, 0, ms);
  }
  return lost_ms / times.ms(1);
}

TEST(DraftWidth, WrongGuessesEndItBeforeTheyCostAPercent) {
  for (const int tokens : {20, 100, 200, 400, 1000, 4000}) {
    const double lost = tokens_lost(tokens, {20, 13, 32, 7});
    EXPECT_LE(lost, 2 + tokens / 100.0) << tokens;
    EXPECT_GT(lost, 0) << "it did try";
    EXPECT_LE(tokens_lost(tokens, {32}), 6 + tokens / 100.0)
        << "as if a text were copied, which is tried again " << tokens;
  }
}

TEST(DraftWidth, AfterALossALongCopyIsTriedAgainNarrowly) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  const auto copy = [&](int tokens) {
    for (int i = 0; i < tokens; ++i) width.learn(32, 0, 0, times.ms(1));
  };
  width.learn(32, 31, 0, times.ms(32));
  EXPECT_EQ(width.choose(32), 0u);
  copy(20);
  EXPECT_EQ(width.choose(32), 3u);
  width.learn(32, 3, 0, times.ms(4));
  copy(50);
  EXPECT_EQ(width.choose(32), 0u) << "four times as many the next time";
  copy(20);
  EXPECT_EQ(width.choose(32), 3u);
  for (int i = 0; i < 40; ++i) width.learn(32, 3, 3, times.ms(4));
  EXPECT_GT(width.choose(32), 3u) << "it has paid back";
}

// A file that looks like code: lines of few words, many of them often.
Tokens some_file(std::size_t length, std::mt19937& random) {
  Tokens tokens;
  while (tokens.size() < length) {
    const auto frequent = static_cast<TokenId>(random() % 20), seldom = static_cast<TokenId>(100 + random() % 500);
    tokens.push_back(random() % 3 == 0 ? seldom : frequent);
  }
  return tokens;
}

// A file written anew with a changed name here and there: times the speed of plain decoding.
double speed_of_rewrite(std::size_t length, int changes, StepTimes times) {
  std::mt19937 random(5);
  const Tokens before = some_file(length, random);
  Tokens after = before;
  for (int i = changes; i-- > 0;) {
    const auto at = static_cast<std::ptrdiff_t>((static_cast<std::size_t>(i) * 2 + 1) * length /
                                                (static_cast<std::size_t>(changes) * 2));
    after[static_cast<std::size_t>(at)] = 700 + i;
    after.insert(after.begin() + at, {800 + i, 5});
  }
  const double one = times.ms(1);
  Drafter drafter({}, before);
  DraftWidth width(times);
  double ms = 0;
  for (std::size_t done = 0; done < after.size();) {
    Draft draft = drafter.propose(31);
    draft.tokens.resize(std::min(draft.tokens.size(), width.choose(draft.matched)));
    std::size_t right = 0;
    while (right < draft.tokens.size() && done + right < after.size() && draft.tokens[right] == after[done + right])
      ++right;
    const double took = times.ms(static_cast<int>(draft.tokens.size()) + 1);
    ms += took;
    width.learn(draft.matched, draft.tokens.size(), right, took);
    for (std::size_t i = 0; i <= right && done < after.size(); ++i) drafter.append(after[done++]);
  }
  return one * static_cast<double>(after.size()) / ms;
}

TEST(DraftWidth, ARewriteComesNearToWhatTheMachineAllows) {
  StepTimes times;
  const double ms[] = {40, 68, 107, 278, 335, 609};  // the reference machine's 1.5B
  for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i) times.set(i, ms[i]);
  const double ceiling = 32 * 40.0 / 609;
  EXPECT_GT(speed_of_rewrite(1600, 0, times), 0.9 * ceiling);
  EXPECT_GT(speed_of_rewrite(1600, 5, times), 0.9 * ceiling);
  EXPECT_GT(speed_of_rewrite(500, 5, times), 0.7 * ceiling) << "a change for every hundred tokens";
  const double large_ceiling = 32 * 160.0 / 2280;
  EXPECT_GT(speed_of_rewrite(1600, 5, usual_times()), 0.9 * large_ceiling);
}

TEST(DraftWidth, RightGuessesGoOnForEver) {
  StepTimes times = usual_times();
  DraftWidth width(times);
  for (int round = 0; round < 100; ++round) {
    const std::size_t drafted = width.choose(32);
    ASSERT_GT(drafted, 0u);
    width.learn(32, drafted, drafted, times.ms(static_cast<int>(drafted) + 1));
  }
}

}  // namespace
}  // namespace oc::inference
