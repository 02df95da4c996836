// SPDX-License-Identifier: Apache-2.0
// Several answers to one prompt: computed together, each the one that it would be alone.
#include "inference/alternatives.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/models.hpp"

namespace oc::tests {
namespace {

using inference::Generation;

struct Several {
  std::vector<std::string> texts;
  base::Result<protocol::Generated> result{protocol::Generated{}};
  int steps = 0;
};

Several ask_for(inference::LanguageModel& model, protocol::Generate request, int count,
                const base::CancelToken& cancel = {}) {
  Several several;
  several.texts.resize(static_cast<std::size_t>(count));
  request.alternatives = count;
  auto generation = inference::Alternatives::begin(
      model, request, {[](const auto&) {}, [](std::string_view) {}, cancel},
      [&](int alternative, std::string_view text) { several.texts.at(static_cast<std::size_t>(alternative)) += text; });
  if (!generation) {
    several.result = std::unexpected(generation.error());
    return several;
  }
  for (; (*generation)->state() != Generation::State::done; ++several.steps)
    (*generation)->advance([] { return false; });
  several.result = (*generation)->take_result();
  return several;
}

TEST(Alternatives, TheFirstIsTheOnlyAnswerAndTheOthersAreThoseOfTheirSettings) {
  const auto model = make_model(k_starter);
  const protocol::Generate request = chat("Write a function that adds two numbers.");
  const Several several = ask_for(*model, request, 3);
  ASSERT_TRUE(several.result) << several.result.error().message;
  ASSERT_EQ(several.result->alternatives.size(), 3u);
  for (int i = 0; i < 3; ++i) {
    protocol::Generate alone = request;
    alone.sampling = inference::sampling_of(request.sampling, i);
    const Asked wanted = ask(*make_model(k_starter), alone);
    const auto& own = several.result->alternatives[static_cast<std::size_t>(i)];
    EXPECT_EQ(several.texts[static_cast<std::size_t>(i)], wanted.text) << i;
    EXPECT_EQ(own.stop, wanted.result->stop) << i;
    EXPECT_EQ(own.usage.completion, wanted.result->usage.completion) << i;
  }
  EXPECT_EQ(std::set(several.texts.begin(), several.texts.end()).size(), 3u);
}

TEST(Alternatives, ThePromptIsComputedOnceAndTheAnswersInCommonCalls) {
  const auto model = make_model(k_starter);
  const protocol::Generate request = chat(std::string(1500, 'x') + "?", 16);
  const Several several = ask_for(*model, request, protocol::k_most_alternatives);
  ASSERT_TRUE(several.result) << several.result.error().message;
  for (std::size_t i = 1; i < several.texts.size(); ++i) {
    const auto& usage = several.result->alternatives[i].usage;
    EXPECT_EQ(usage.cached, usage.prompt) << i;
  }
  const int prompt_parts = static_cast<int>(several.result->usage.prompt.value / llama::k_usual_step_tokens) + 4;
  EXPECT_LE(several.steps, prompt_parts + protocol::k_most_alternatives + 16);
}

TEST(Alternatives, TheCellsOfTheirPromptCountOnce) {
  const auto model = make_model(k_starter, 1536);
  // A digit is a token in every vocabulary of Qwen's kind.
  const Several several = ask_for(*model, chat(std::string(1000, '7') + "?", 16), protocol::k_most_alternatives);
  ASSERT_TRUE(several.result) << several.result.error().message;
  const auto& usage = several.result->usage;
  ASSERT_GT(usage.prompt.value * 2, 1536) << "not even two fit one beside the other";
  ASSERT_LE(usage.prompt.value + 16 * protocol::k_most_alternatives, 1536);
  EXPECT_LE(several.steps, 16 + 16 + protocol::k_most_alternatives) << "all at once";
}

TEST(Alternatives, WithoutRoomForAllTheyComeOneAfterTheOther) {
  const auto model = make_model(k_starter, 512);
  const protocol::Generate request = chat("Write a loop.", 300);
  const Several several = ask_for(*model, request, 3);
  ASSERT_TRUE(several.result) << several.result.error().message;
  EXPECT_EQ(several.texts[0], ask(*make_model(k_starter, 512), request).text);
  for (const std::string& text : several.texts) EXPECT_FALSE(text.empty());
  // What they left behind is no harm to the next one.
  EXPECT_EQ(ask(*model, chat("Explain this.\nx = 1")).text,
            ask(*make_model(k_starter, 512), chat("Explain this.\nx = 1")).text);
}

TEST(Alternatives, CancellingEndsAll) {
  const auto model = make_model(k_starter);
  const base::CancelToken cancel;
  cancel.request();
  const Several several = ask_for(*model, chat("Write a loop."), 4, cancel);
  ASSERT_TRUE(several.result);
  for (const auto& each : several.result->alternatives) EXPECT_EQ(each.stop, protocol::StopReason::cancelled);
  EXPECT_FALSE(model->is_in_use());
}

TEST(Alternatives, ANumberOutOfRangeIsAnError) {
  const auto model = make_model(k_starter);
  for (const int wrong : {0, 9}) {
    const auto refused = inference::Alternatives::begin(
        *model,
        [&] {
          auto request = chat("x");
          request.alternatives = wrong;
          return request;
        }(),
        {[](const auto&) {}, [](std::string_view) {}, {}}, [](int, std::string_view) {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::usage);
  }
}

// Where a call of two rows takes longer than two calls, each has calls of its own, and the bits that it has alone.
TEST(Alternatives, TheyComeOneAfterTheOtherWhereThatIsFaster) {
  const auto model = make_model(k_starter);
  make_calls_of_several_rows_slow(*model);
  std::string texts[2];
  std::vector<std::unique_ptr<Generation>> both;
  for (std::string& text : texts)
    both.push_back(*model->begin(chat(&text == texts ? "Write a class." : "Write a loop.", 8),
                                 {[](const auto&) {}, [&text](std::string_view piece) { text += piece; }, {}}));
  for (const auto& each : both)
    while (each->state() == Generation::State::prefill) each->advance([] { return false; });
  while (both[0]->state() != Generation::State::done) both[0]->advance([] { return false; });
  EXPECT_EQ(both[1]->state(), Generation::State::decode);
  while (both[1]->state() != Generation::State::done) both[1]->advance([] { return false; });
  EXPECT_EQ(texts[0], ask(*make_model(k_starter), chat("Write a class.", 8)).text);
  EXPECT_EQ(texts[1], ask(*make_model(k_starter), chat("Write a loop.", 8)).text);
}

TEST(Alternatives, OneThatEndedInAnothersStepStaysEnded) {
  const auto model = make_model(k_starter);
  std::string texts[2];
  std::vector<std::unique_ptr<Generation>> both;
  for (std::string& text : texts)
    both.push_back(*model->begin(chat("Write a class.", 8),
                                 {[](const auto&) {}, [&text](std::string_view piece) { text += piece; }, {}}));
  for (const auto& each : both)
    while (each->state() == Generation::State::prefill) each->advance([] { return false; });
  while (both[0]->state() != Generation::State::done) both[0]->advance([] { return false; });
  ASSERT_EQ(both[1]->state(), Generation::State::done);
  both[1]->advance([] { return false; });
  EXPECT_EQ(both[1]->state(), Generation::State::done);
  EXPECT_EQ(texts[1], texts[0]);
}

}  // namespace
}  // namespace oc::tests
