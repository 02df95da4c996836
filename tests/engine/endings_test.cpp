// SPDX-License-Identifier: Apache-2.0
// Several questions over one beginning: it is computed once, and each answer is the one that its question gets alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "engine/models.hpp"
#include "inference/alternatives.hpp"

namespace oc::tests {
namespace {

using inference::Generation;

// Long enough for several parts, and no multiple of one.
std::string notes() {
  std::string text = "These are notes about a program.\n";
  for (int i = 0; i < 19; ++i)
    text += fmt::format("Note {}: it is short, it is old, nobody has changed it for long.\n", i);
  return text + "\n";
}

// What the starter model is sure to answer with the name in it: the sums of a batch differ in the last bits from those
// of one alone, and where two tokens are all but equally likely the other one may win.
constexpr std::int64_t k_sure_tokens = 7;
protocol::Generate ask_several(int count, std::int64_t max_tokens) {
  const std::vector<std::string> all{"def first(",      "def add(",      "def parse(",    "def main(",
                                     "def test_first(", "def get_name(", "class Basket:", "class Stack:"};
  protocol::Generate request = chat(notes(), max_tokens);
  request.endings.assign(all.begin(), all.begin() + count);
  return request;
}

// The same as a request of its own.
protocol::Generate alone(const protocol::Generate& request, std::size_t ending) {
  protocol::Generate own = request;
  std::get<protocol::ChatPrompt>(own.prompt).segments.push_back({protocol::Role::user, request.endings[ending]});
  own.endings.clear();
  return own;
}

struct Answered {
  std::vector<std::string> texts;
  base::Result<protocol::Generated> result{protocol::Generated{}};
  int steps = 0;
};

Answered ask_all(
    inference::LanguageModel& model, const protocol::Generate& request, const base::CancelToken& cancel = {},
    int cancelled_at = -1, const inference::Interrupt& interrupt = [] { return false; }) {
  Answered answered;
  answered.texts.resize(std::max<std::size_t>(request.endings.size(), 1));
  auto generation = inference::Alternatives::begin(
      model, request, {[](const auto&) {}, [](std::string_view) {}, cancel},
      [&](int ending, std::string_view text) { answered.texts.at(static_cast<std::size_t>(ending)) += text; });
  if (!generation) {
    answered.result = std::unexpected(generation.error());
    return answered;
  }
  for (; (*generation)->state() != Generation::State::done; ++answered.steps) {
    if (answered.steps == cancelled_at) cancel.request();
    (*generation)->advance(interrupt);
  }
  answered.result = (*generation)->take_result();
  return answered;
}

TEST(Endings, EachAnswerIsTheOneThatItsQuestionGetsAlone) {
  const protocol::Generate request = ask_several(protocol::k_most_alternatives, k_sure_tokens);
  const Answered answered = ask_all(*make_model(k_starter), request);
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  ASSERT_EQ(answered.result->alternatives.size(), request.endings.size());
  const auto model = make_model(k_starter);
  for (std::size_t i = 0; i < request.endings.size(); ++i) {
    const Asked wanted = ask(*model, alone(request, i));
    const auto& own = answered.result->alternatives[i];
    EXPECT_EQ(answered.texts[i], wanted.text) << request.endings[i];
    EXPECT_EQ(own.stop, wanted.result->stop) << i;
    EXPECT_EQ(own.usage.prompt, wanted.result->usage.prompt) << i;
    EXPECT_EQ(own.usage.completion, wanted.result->usage.completion) << i;
  }
  EXPECT_GT(std::set(answered.texts.begin(), answered.texts.end()).size(), 1u) << "the questions tell them apart";
}

TEST(Endings, SamplingIsTheRequestsOwn) {
  protocol::Generate request = ask_several(2, 24);
  request.endings[1] = request.endings[0];
  request.sampling.temperature = 0.8;
  request.sampling.seed = 7;
  const Answered answered = ask_all(*make_model(k_starter), request);
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  EXPECT_EQ(answered.texts[0], answered.texts[1]) << "the same question twice, the same seed";
}

TEST(Endings, TheBeginningIsComputedOnceAndTheEndsInCommonCalls) {
  const protocol::Generate request = ask_several(protocol::k_most_alternatives, 16);
  const Answered answered = ask_all(*make_model(k_starter), request);
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  const auto model = make_model(k_starter);
  protocol::Generate beginning = request;
  beginning.endings.clear();
  const std::int64_t common = model->count(beginning.prompt)->value;
  std::int64_t computed = 0, own_ends = 0, longest = 0;
  for (std::size_t i = 0; i < request.endings.size(); ++i) {
    const protocol::Usage& usage = answered.result->alternatives[i].usage;
    EXPECT_EQ(usage.cached.value > 0, i > 0) << i;
    computed += usage.prompt.value - usage.cached.value;
    longest = std::max(longest, usage.prompt.value);
    own_ends += usage.prompt.value - common;
  }
  ASSERT_GT(common % llama::k_usual_step_tokens, 30) << "a whole part would hide that a part of one is shared";
  EXPECT_LE(computed, common + own_ends + 8 * 20) << "few tokens of the border, and the heading of the answer";
  const int prefix_steps = static_cast<int>(longest / llama::k_usual_step_tokens) + 3;
  EXPECT_LE(answered.steps, prefix_steps + protocol::k_most_alternatives + 3 + 16);
}

TEST(Endings, WithoutRoomForAllTheyComeOneAfterTheOther) {
  constexpr int k_answer = 300;
  const protocol::Generate request = ask_several(3, k_answer);
  const std::int64_t length = make_model(k_starter)->count(alone(request, 0).prompt)->value;
  const int context = static_cast<int>((length + 16 + k_answer + 255) / 256 * 256);
  ASSERT_LT(context, length + 2 * k_answer) << "there is no room for two";
  const auto model = make_model(k_starter, context);
  const Answered answered = ask_all(*model, request);
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(answered.texts[i], ask(*make_model(k_starter, context), alone(request, i)).text) << i;
    if (i > 0) {
      EXPECT_GT(answered.result->alternatives[i].usage.cached.value, length / 2) << i;
    }
  }
}

TEST(Endings, ABatchLeavesNothingBehindThatChangesWhatComesAfter) {
  const auto model = make_model(k_starter);
  const protocol::Generate request = ask_several(4, 8);
  ASSERT_TRUE(ask_all(*model, request).result);
  protocol::Generate next = alone(request, 3);
  next.max_tokens = base::TokenCount(24);
  const Asked again = ask(*model, next);
  EXPECT_GT(again.result->usage.cached.value, 0);
  EXPECT_EQ(again.text, ask(*make_model(k_starter), next).text);
}

TEST(Endings, CancellingEndsAllWhereverTheyAre) {
  for (int step = 0; step < 14; ++step) {
    const auto model = make_model(k_starter);
    const base::CancelToken cancel;
    const Answered answered = ask_all(*model, ask_several(3, 64), cancel, step);
    ASSERT_TRUE(answered.result) << step;
    for (const auto& each : answered.result->alternatives)
      EXPECT_TRUE(each.stop == protocol::StopReason::cancelled || each.stop == protocol::StopReason::end) << step;
    EXPECT_FALSE(model->is_in_use()) << step;
  }
}

TEST(Endings, WhatIsUrgentInterruptsThemAndTheyGoOn) {
  const protocol::Generate request = ask_several(3, 8);
  bool is_urgent = false;
  const Answered answered = ask_all(*make_model(k_starter), request, {}, -1, [&] { return is_urgent = !is_urgent; });
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  EXPECT_EQ(answered.texts, ask_all(*make_model(k_starter), request).texts);
}

TEST(Endings, AnEmptyOneIsThePromptItself) {
  protocol::Generate request = chat("Write a loop.", 8);
  request.endings = {"", ""};
  const Answered answered = ask_all(*make_model(k_starter), request);
  ASSERT_TRUE(answered.result) << answered.result.error().message;
  const std::string wanted = ask(*make_model(k_starter), chat("Write a loop.", 8)).text;
  EXPECT_EQ(answered.texts, (std::vector<std::string>{wanted, wanted}));
}

TEST(Endings, WhatCannotHaveThemIsAnError) {
  const auto model = make_model(k_starter);
  protocol::Generate too_many = ask_several(1, 24), of_raw = ask_several(1, 24), twice = ask_several(1, 24);
  too_many.endings.assign(9, "x");
  of_raw.prompt = protocol::RawPrompt{"x"};
  twice.alternatives = 2;
  for (const protocol::Generate& wrong : {too_many, of_raw, twice}) {
    const Answered refused = ask_all(*model, wrong);
    ASSERT_FALSE(refused.result);
    EXPECT_EQ(refused.result.error().kind, base::ErrorKind::usage);
    EXPECT_FALSE(model->is_in_use());
  }
  protocol::Generate too_long = ask_several(2, 24);
  too_long.endings[1] = std::string(1 << 20, 'x');
  EXPECT_EQ(ask_all(*model, too_long).result.error().kind, base::ErrorKind::too_large);
  EXPECT_FALSE(model->is_in_use());
}

}  // namespace
}  // namespace oc::tests
