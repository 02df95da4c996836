// SPDX-License-Identifier: Apache-2.0
// The machine is measured, what is chosen changes no answer, and what was computed one way is nothing to another.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/models.hpp"
#include "inference/call_timer.hpp"
#include "inference/speeds.hpp"
#include "inference/timeline.hpp"

namespace oc::tests {
namespace {

using inference::CallTimer;
using inference::Generation;
using inference::GgufModel;
using inference::Speeds;
using llama::Attention;
using State = Generation::State;

constexpr auto k_nobody_waits = [] { return false; };

class Calibration : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(file_); }
  void TearDown() override { std::filesystem::remove(file_); }
  static std::unique_ptr<Generation> begin(GgufModel& model) {
    return model.begin_calibration({[](const auto&) {}, [](std::string_view) {}, {}});
  }
  base::Path file_ = base::Path(testing::TempDir()) /
                     fmt::format("oc-{}.json", testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(Calibration, MeasuresAndLeavesTheModelAsItWas) {
  const auto model = make_model(k_starter);
  model->learn_speeds(file_, GgufModel::Threads::given);
  EXPECT_TRUE(model->wants_calibration());
  const std::string before = ask(*model, chat("Explain this.\nx = 1")).text;
  const auto calibration = begin(*model);
  EXPECT_TRUE(model->is_in_use());
  int steps = 0;
  while (calibration->state() != State::done) {
    const bool interrupted = ++steps % 3 == 0;
    calibration->advance([&] { return interrupted; });
    ASSERT_LT(steps, 1000);
  }
  ASSERT_TRUE(calibration->take_result());
  const inference::Speeds stored = inference::load_speeds(file_);
  EXPECT_EQ(stored.rounds, 1);
  EXPECT_TRUE(stored.steps.is_known());
  EXPECT_LT(stored.steps.ms(1), stored.steps.ms(32));
  EXPECT_EQ(ask(*model, chat("Explain this.\nx = 1")).text, before);
}

TEST_F(Calibration, WaitsForCellsInsteadOfFailing) {
  const auto model = make_model(k_starter, 512);
  model->learn_speeds(file_, GgufModel::Threads::given);
  const auto answer = *model->begin(chat("first", 450), {[](const auto&) {}, [](std::string_view) {}, {}});
  while (answer->state() != State::decode) answer->advance(k_nobody_waits);
  const auto calibration = begin(*model);
  calibration->advance(k_nobody_waits);
  EXPECT_EQ(calibration->state(), State::blocked);
  while (answer->state() != State::done) answer->advance(k_nobody_waits);
  // What the answer left in the cache is in nobody's way.
  for (int steps = 0; calibration->state() != State::done; ++steps) {
    calibration->advance(k_nobody_waits);
    ASSERT_LT(steps, 1000);
  }
  EXPECT_TRUE(calibration->take_result());
}

TEST_F(Calibration, ChoosesAmongWhatItTriedAndAnswersStayTheSame) {
  const auto model = make_model(k_starter);
  const std::string before = ask(*model, chat("Explain this.\nx = 1")).text;
  model->learn_speeds(file_, GgufModel::Threads::given, GgufModel::Computing::chosen_by_calibration);
  const auto calibration = begin(*model);
  for (int steps = 0; calibration->state() != State::done; ++steps) {
    calibration->advance([&] { return steps % 4 == 0; });
    ASSERT_LT(steps, 1000);
  }
  ASSERT_TRUE(calibration->take_result());
  const Speeds stored = inference::load_speeds(file_);
  EXPECT_EQ(stored.rounds, 1);
  EXPECT_NE(std::ranges::find(Speeds::k_step_tokens, stored.step_tokens), Speeds::k_step_tokens.end());
  const protocol::Calibrated told = model->calibrated();
  EXPECT_EQ(told.step_tokens, stored.step_tokens);
  EXPECT_EQ(told.flash_attention, stored.attention == Attention::flash);
  EXPECT_EQ(ask(*model, chat("Explain this.\nx = 1")).text, before);
}

std::unique_ptr<GgufModel> make_model_that_computes(int step_tokens, Attention attention, kv::Store* store) {
  llama::Model model = load_model(k_starter);
  const protocol::ModelFacts facts = model.facts(k_starter);
  inference::ContextPolicy policy;
  policy.memory = base::ByteCount(16'000'000'000);
  policy.step_tokens = step_tokens;
  policy.attention = attention;
  return *GgufModel::create(std::move(model), facts, policy, {store, "test"});
}

TEST_F(Calibration, WhatWasComputedOneWayIsNothingToAnother) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const protocol::Generate request = chat(std::string(1500, 'x') + "?");
  std::string text;
  for (const Attention attention : {Attention::flash, Attention::plain})
    for (const int step_tokens : Speeds::k_step_tokens) {
      const auto model = make_model_that_computes(step_tokens, attention, &store);
      const Asked first = ask(*model, request);
      ASSERT_TRUE(first.result);
      EXPECT_EQ(first.result->usage.cached.value, 0) << step_tokens;
      if (text.empty()) text = first.text;
      EXPECT_EQ(first.text, text) << step_tokens;
      // Its own it finds, with the answer.
      const Asked again = ask(*make_model_that_computes(step_tokens, attention, &store), request);
      EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
      EXPECT_EQ(again.text, first.text);
    }
}

TEST_F(Calibration, PlainAttentionIsPaidFor) {
  const auto flash = make_model_that_computes(128, Attention::flash, nullptr);
  const auto plain = make_model_that_computes(128, Attention::plain, nullptr);
  const std::int64_t cells = 2048;  // all that it was trained for
  EXPECT_EQ(plain->memory().value - flash->memory().value, cells * llama::score_bytes(flash->facts().heads, 128));
}

TEST_F(Calibration, LayersTellWhatAWholeCallTakes) {
  const llama::Model model = load_model(k_starter);
  auto context = *llama::Context::create(model, {1280, 1, 1});
  const int layers = model.facts(k_starter).layers;
  CallTimer timer(context, layers, k_nobody_waits);
  ASSERT_TRUE(*timer.fill(1024));
  ASSERT_GT(*timer.time_call(1), 0);
  EXPECT_GT(*timer.time_call(32), *timer.time_calls(1, 3));
  EXPECT_GT(*timer.time_layer(128), 0);
  context.truncate(inference::k_scratch_sequence, 0);
  CallTimer stopped(context, layers, [] { return true; });
  EXPECT_EQ(*stopped.time_call(1), 0);
  EXPECT_EQ(*stopped.time_layer(64), 0);
}

}  // namespace
}  // namespace oc::tests
