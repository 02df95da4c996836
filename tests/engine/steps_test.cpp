// SPDX-License-Identifier: Apache-2.0
// Generations advance by steps: between others, together with others, interrupted, and several tokens at a time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/models.hpp"
#include "inference/speeds.hpp"

namespace oc::tests {
namespace {

using inference::Generation;
using State = Generation::State;

constexpr auto k_nobody_waits = [] { return false; };

// A generation by hand.
struct Running {
  Running(inference::LanguageModel& model, const protocol::Generate& request)
      : generation(*model.begin(request, {[](const auto&) {}, [this](std::string_view piece) { text += piece; }, {}})) {
  }
  void advance() { generation->advance(k_nobody_waits); }
  void finish() {
    while (generation->state() != State::done) advance();
  }
  std::string text;
  std::unique_ptr<Generation> generation;
};

protocol::Generate copying_request() {
  protocol::Generate request = chat("Repeat: total = first + second + third + first + second + third", 60);
  request.sampling.grammar = "root ::= \"total = first + second + third + first + second + third + first + second\"";
  return request;
}

TEST(Steps, GuessesChangeNothingButTheNumberOfCalls) {
  const auto plain = make_model(k_starter);
  const auto guessing = make_model(k_starter);
  make_guesses_cheap(*guessing);
  for (const protocol::Generate& request :
       {copying_request(),
        chat("def f(a):\n    return a\n\ndef g(a):\n    return a\n\ndef h(a):\n    return a\n", 80)}) {
    const Asked wanted = ask(*plain, request);
    const Asked got = ask(*guessing, request);
    ASSERT_TRUE(wanted.result && got.result);
    EXPECT_EQ(got.text, wanted.text);
    EXPECT_EQ(got.result->usage.completion, wanted.result->usage.completion);
    EXPECT_EQ(got.result->stop, wanted.result->stop);
  }
  EXPECT_GT(guessing->reuse().accepted_tokens, 10);
  EXPECT_EQ(plain->reuse().drafted_tokens, 0);
}

TEST(Steps, SampledAnswersAreTheSameWithGuesses) {
  const auto plain = make_model(k_starter);
  const auto guessing = make_model(k_starter);
  make_guesses_cheap(*guessing);
  protocol::Generate request = chat("x = 1\nx = 1\nx = 1\nx = 1\n", 60);
  request.sampling.temperature = 0.7;
  for (const unsigned seed : {1u, 2u, 3u}) {
    request.sampling.seed = seed;
    EXPECT_EQ(ask(*guessing, request).text, ask(*plain, request).text) << seed;
  }
}

TEST(Steps, AfterGuessesTheNextPromptStillFits) {
  const auto guessing = make_model(k_starter);
  make_guesses_cheap(*guessing);
  ask(*guessing, copying_request());
  EXPECT_EQ(ask(*guessing, chat("Explain this.\nx = 1")).text,
            ask(*make_model(k_starter), chat("Explain this.\nx = 1")).text);
}

TEST(Steps, GenerationsThatTakeTurnsAnswerAsIfAlone) {
  const auto model = make_model(k_starter);
  const protocol::Generate requests[] = {chat("Write a function that adds."), chat("Write a loop."),
                                         chat("Explain this code.\nx = 1")};
  std::vector<std::unique_ptr<Running>> running;
  for (const auto& request : requests) running.push_back(std::make_unique<Running>(*model, request));
  for (bool is_any = true; is_any;) {
    is_any = false;
    for (const auto& each : running) {
      if (each->generation->state() == State::done) continue;
      each->advance();
      is_any = true;
    }
  }
  for (std::size_t i = 0; i < running.size(); ++i)
    EXPECT_EQ(running[i]->text, ask(*make_model(k_starter), requests[i]).text) << i;
}

TEST(Steps, EqualPrioritiesDecodeInOneCall) {
  const auto model = make_model(k_starter);
  Running one(*model, chat("Write a function.", 20)), two(*model, chat("Write a class.", 20));
  while (one.generation->state() != State::decode) one.advance();
  while (two.generation->state() != State::decode) two.advance();
  const std::string before = two.text;
  one.advance();
  one.advance();
  EXPECT_GT(two.text.size(), before.size()) << "it advanced although only the other was asked to";
}

TEST(Steps, ACommonBeginningIsComputedOnce) {
  const auto model = make_model(k_starter);
  const std::string file(1500, 'x');
  Running one(*model, chat(file + "first")), two(*model, chat(file + "second"));
  while (one.generation->state() != State::decode) one.advance();
  two.finish();
  one.finish();
  EXPECT_GE(two.generation->take_result()->usage.cached.value, 256);
}

TEST(Steps, WithoutCellsAGenerationWaitsForTheOther) {
  const auto model = make_model(k_starter, 512);
  auto one = std::make_unique<Running>(*model, chat("first", 300));
  Running two(*model, chat("second", 300));
  while (one->generation->state() != State::decode) one->advance();
  two.advance();
  EXPECT_EQ(two.generation->state(), State::blocked);
  one->finish();
  two.finish();
  EXPECT_EQ(two.text, ask(*make_model(k_starter, 512), chat("second", 300)).text);
}

TEST(Steps, AnInterruptedPartIsComputedAgain) {
  const auto model = make_model(k_starter);
  Running run(*model, chat(std::string(1500, 'x') + "?"));
  int asked = 0;
  run.generation->advance([&] { return ++asked > 3; });
  EXPECT_GT(asked, 3);
  EXPECT_EQ(run.generation->state(), State::prefill);
  run.finish();
  EXPECT_EQ(run.text, ask(*make_model(k_starter), chat(std::string(1500, 'x') + "?")).text);
}

TEST(Steps, AReplayedAnswerIsTheTextThatWasGiven) {
  const auto model = make_model(k_starter);
  protocol::Generate request = chat("anything", 200);
  request.replay = "def total(a, b):\n    return a + b\n";
  const Asked asked = ask(*model, request);
  EXPECT_EQ(asked.text, request.replay);
  EXPECT_EQ(asked.result->stop, protocol::StopReason::end);
}

TEST(Steps, CalibrationMeasuresAndLeavesTheModelAsItWas) {
  const auto model = make_model(k_starter);
  const base::Path file = base::Path(testing::TempDir()) / "oc-calibration.json";
  std::filesystem::remove(file);
  model->learn_speeds(file, inference::GgufModel::Threads::given);
  EXPECT_TRUE(model->wants_calibration());
  const std::string before = ask(*model, chat("Explain this.\nx = 1")).text;
  const auto calibration = model->begin_calibration({[](const auto&) {}, [](std::string_view) {}, {}});
  EXPECT_TRUE(model->is_in_use());
  int steps = 0;
  while (calibration->state() != State::done) {
    const bool interrupted = ++steps % 3 == 0;
    calibration->advance([&] { return interrupted; });
    ASSERT_LT(steps, 1000);
  }
  ASSERT_TRUE(calibration->take_result());
  EXPECT_FALSE(model->wants_calibration());
  const inference::Speeds stored = inference::load_speeds(file);
  EXPECT_TRUE(stored.is_calibrated);
  EXPECT_TRUE(stored.steps.is_known());
  EXPECT_LT(stored.steps.ms(1), stored.steps.ms(32));
  EXPECT_EQ(ask(*model, chat("Explain this.\nx = 1")).text, before);
  std::filesystem::remove(file);
}

TEST(Steps, CalibrationWaitsForCellsInsteadOfFailing) {
  const auto model = make_model(k_starter, 512);
  const base::Path file = base::Path(testing::TempDir()) / "oc-full-calibration.json";
  std::filesystem::remove(file);
  model->learn_speeds(file, inference::GgufModel::Threads::given);
  auto answer = std::make_unique<Running>(*model, chat("first", 450));
  while (answer->generation->state() != State::decode) answer->advance();
  const auto calibration = model->begin_calibration({[](const auto&) {}, [](std::string_view) {}, {}});
  calibration->advance(k_nobody_waits);
  EXPECT_EQ(calibration->state(), State::blocked);
  answer->finish();
  // What the answer left in the cache is in nobody's way.
  for (int steps = 0; calibration->state() != State::done; ++steps) {
    calibration->advance(k_nobody_waits);
    ASSERT_LT(steps, 1000);
  }
  EXPECT_TRUE(calibration->take_result());
  EXPECT_FALSE(model->wants_calibration());
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace oc::tests
