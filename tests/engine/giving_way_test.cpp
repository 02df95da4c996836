// SPDX-License-Identifier: Apache-2.0
// What is urgent waits for nothing that others hold: answers are suspended, and come out as if they had not been.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "engine/models.hpp"
#include "inference/alternatives.hpp"
#include "inference/model_shelf.hpp"

namespace oc::tests {
namespace {

using inference::Generation;
using inference::MemoryAnswer;
using inference::MemoryWish;
using inference::ModelShelf;
using protocol::Priority;
using State = Generation::State;

constexpr auto k_nobody_waits = [] { return false; };
constexpr int k_context = 512;

// A generation by hand.
struct Running {
  Running(inference::LanguageModel& model, const protocol::Generate& request, const base::CancelToken& cancel = {})
      : generation(
            *model.begin(request, {[](const auto&) {}, [this](std::string_view piece) { text += piece; }, cancel})) {}
  void advance() { generation->advance(k_nobody_waits); }
  void advance_to(State state) {
    while (generation->state() != state) advance();
  }
  std::int64_t finish() {
    advance_to(State::done);
    const auto result = generation->take_result();
    EXPECT_TRUE(result) << result.error().message;
    return result ? result->usage.completion.value : 0;
  }
  std::string text;
  std::unique_ptr<Generation> generation;
};

protocol::Generate batch(const std::string& question, std::int64_t max_tokens = 400) {
  protocol::Generate request = chat(question, max_tokens);
  request.priority = Priority::batch;
  return request;
}

std::vector<protocol::Generate> kinds_of_requests() {
  std::vector<protocol::Generate> requests{batch("Write a function that adds.")};
  requests.push_back(requests.front());
  requests.back().sampling.temperature = 0.8;
  requests.back().sampling.seed = 7;
  requests.push_back(requests.back());
  requests.back().sampling.grammar = "root ::= ([a-z]+ \" \")+ | [^a-z]+";
  requests.push_back(requests.front());
  requests.back().replay = "zażółć gęślą jaźń, then STOP it and more";
  requests.back().stop = {"STOP it"};
  return requests;
}

TEST(GivingWay, AnUrgentRequestAnswersAtOnceAndTheAnswerInItsWayAsIfUndisturbed) {
  for (const bool has_store : {false, true})
    for (const protocol::Generate& request : kinds_of_requests()) {
      const auto wanted = ask(*make_model(k_starter, k_context), request);
      ASSERT_TRUE(wanted.result);
      kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
      const auto model = make_model(k_starter, k_context, has_store ? &store : nullptr);
      Running slow(*model, request);
      slow.advance_to(State::decode);
      for (int i = 0; i < 3; ++i) slow.advance();
      Running urgent(*model, chat("Explain this.\nx = 1", 200));
      urgent.advance();
      EXPECT_NE(urgent.generation->state(), State::blocked);
      urgent.advance_to(State::decode);
      EXPECT_FALSE(urgent.text.empty());
      EXPECT_NE(slow.generation->state(), State::decode);
      EXPECT_NE(slow.generation->state(), State::done);
      urgent.finish();
      EXPECT_EQ(urgent.text, ask(*make_model(k_starter, k_context), chat("Explain this.\nx = 1", 200)).text);
      EXPECT_EQ(slow.finish(), wanted.result->usage.completion.value);
      EXPECT_EQ(slow.text, wanted.text);
    }
}

TEST(GivingWay, AnAnswerMayBeSuspendedAtEveryToken) {
  const protocol::Generate request = batch("Write a loop.", 40);
  const auto model = make_model(k_starter, k_context);
  Running slow(*model, request);
  int interruptions = 0;
  while (slow.generation->state() != State::done) {
    slow.advance();
    if (slow.generation->state() == State::decode) slow.advance();  // a token at least
    if (slow.generation->state() != State::decode) continue;
    Running urgent(*model, chat(fmt::format("Question {}?", interruptions++), k_context));
    urgent.advance();
    ASSERT_EQ(slow.generation->state(), State::blocked);
    urgent.generation.reset();  // its client left
  }
  EXPECT_GT(interruptions, 10);
  EXPECT_EQ(slow.text, ask(*make_model(k_starter, k_context), request).text);
}

TEST(GivingWay, SequencesAreGivenToo) {
  const auto model = make_model(k_starter);
  std::vector<std::unique_ptr<Running>> answers;
  for (int i = 0; i < llama::k_sequences; ++i) {
    answers.push_back(std::make_unique<Running>(*model, batch(fmt::format("Number {}?", i), 20)));
    answers.back()->advance();
  }
  EXPECT_TRUE(std::ranges::any_of(answers, [](const auto& a) { return a->generation->state() == State::blocked; }));
  Running urgent(*model, chat("Explain this.", 20));
  urgent.advance_to(State::decode);
  EXPECT_FALSE(urgent.text.empty());
  urgent.finish();
  for (const auto& answer : answers) answer->finish();
}

TEST(GivingWay, EqualsWaitForEachOther) {
  const auto model = make_model(k_starter, k_context);
  Running one(*model, batch("first")), two(*model, batch("second"));
  one.advance_to(State::decode);
  two.advance();
  EXPECT_EQ(two.generation->state(), State::blocked);
  EXPECT_EQ(one.generation->state(), State::decode);
}

TEST(GivingWay, AlternativesAreSuspendedAndGoOn) {
  protocol::Generate request = batch("Write a loop.", 60);
  request.alternatives = 3;
  const auto run = [&](int interrupt_after) {
    const auto model = make_model(k_starter, k_context);
    std::vector<std::string> texts(3);
    const auto generation = *inference::Alternatives::begin(
        *model, request, {[](const auto&) {}, [](std::string_view) {}, {}},
        [&](int alternative, std::string_view text) { texts.at(static_cast<std::size_t>(alternative)) += text; });
    for (int step = 0; generation->state() != State::done; ++step) {
      generation->advance(k_nobody_waits);
      if (step != interrupt_after) continue;
      Running urgent(*model, chat("Explain this.", 440));
      urgent.advance();
      EXPECT_NE(urgent.generation->state(), State::blocked);
      EXPECT_EQ(generation->state(), State::blocked);
      urgent.finish();
    }
    return texts;
  };
  EXPECT_EQ(run(12), run(-1));
}

TEST(GivingWay, ASuspendedAnswerCanBeCancelled) {
  const auto model = make_model(k_starter, k_context);
  const base::CancelToken cancel;
  Running slow(*model, batch("Write a loop."), cancel);
  slow.advance_to(State::decode);
  slow.advance();
  Running urgent(*model, chat("Explain this.", 200));
  urgent.advance();
  cancel.request();
  slow.advance();
  ASSERT_EQ(slow.generation->state(), State::done);
  EXPECT_EQ(slow.generation->take_result()->stop, protocol::StopReason::cancelled);
  urgent.finish();
}

std::unique_ptr<inference::GgufModel> make_growing_model(kv::Store* store = nullptr) {
  llama::Model model = load_model(k_starter);
  const protocol::ModelFacts facts = model.facts(k_starter);
  inference::ContextPolicy policy{0, 1, 1, base::ByteCount(16'000'000'000)};
  policy.first_context = k_context;
  return *inference::GgufModel::create(std::move(model), facts, policy, {store, "test"});
}

// Two files, so that there are two models.
class TwoModels : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    for (const char* name : {"one.gguf", "two.gguf"})
      std::filesystem::copy_file(k_starter, folder_ / name, std::filesystem::copy_options::overwrite_existing);
    const auto model = make_model(k_starter);
    of_one_ = model->memory().value;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  ModelShelf make_shelf(std::int64_t memory) {
    return ModelShelf({OC_ENGINE_PROGRAM, OC_BACKENDS_FOLDER, base::ByteCount(memory), {}, {}, &store_});
  }
  inference::LanguageModel* take(ModelShelf& shelf, const char* name, Priority priority) {
    const auto taken = shelf.take({protocol::ModelReference::Kind::gguf, base::to_utf8(folder_ / name), 0, 1, {}},
                                  priority, [](const auto&) {}, {});
    EXPECT_TRUE(taken) << taken.error().message;
    return taken ? taken->model : nullptr;
  }

  base::Path folder_ = base::Path(testing::TempDir()) /
                       fmt::format("oc-two-{}", testing::UnitTest::GetInstance()->current_test_info()->name());
  kv::Store store_{{.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}}};
  std::int64_t of_one_ = 0;
};

TEST_F(TwoModels, APausedAnswerGivesItsModelsMemory) {
  for (const protocol::Generate& request : kinds_of_requests()) {
    ModelShelf shelf = make_shelf(of_one_ * 3 / 2);
    Running slow(*take(shelf, "one.gguf", Priority::batch), request);
    slow.advance_to(State::decode);
    for (int i = 0; i < 3; ++i) slow.advance();
    EXPECT_EQ(take(shelf, "two.gguf", Priority::batch), nullptr) << "equals wait";
    EXPECT_FALSE(slow.generation->wants_model());

    auto* other = take(shelf, "two.gguf", Priority::interactive);
    ASSERT_NE(other, nullptr);
    EXPECT_TRUE(slow.generation->wants_model());
    slow.advance();
    EXPECT_EQ(slow.generation->state(), State::blocked);
    Running urgent(*other, chat("Explain this."));
    urgent.advance();
    EXPECT_EQ(take(shelf, "one.gguf", Priority::batch), nullptr) << "the urgent one is not done";
    urgent.finish();
    urgent.generation.reset();

    auto* again = take(shelf, "one.gguf", Priority::batch);
    ASSERT_NE(again, nullptr);
    slow.generation->take_model(*again);
    slow.finish();
    EXPECT_EQ(slow.text, ask(*make_model(k_starter), request).text);
  }
}

// A load for each keystroke, and one more for the answer, would keep both from their work.
TEST_F(TwoModels, ACompletionWaitsForTheAnswerOfTheOtherModel) {
  ModelShelf shelf = make_shelf(of_one_ * 3 / 2);
  Running answer(*take(shelf, "one.gguf", Priority::interactive), chat("Write a loop.", 20));
  answer.advance_to(State::decode);
  EXPECT_EQ(take(shelf, "two.gguf", Priority::completion), nullptr);
  EXPECT_FALSE(answer.generation->wants_model());
  answer.finish();
  answer.generation.reset();
  EXPECT_NE(take(shelf, "two.gguf", Priority::completion), nullptr) << "now it has nothing to do";
  Running less(*take(shelf, "one.gguf", Priority::batch), batch("Write a loop."));
  less.advance_to(State::decode);
  EXPECT_NE(take(shelf, "two.gguf", Priority::completion), nullptr) << "and nobody waits for this one";
}

TEST_F(TwoModels, AnAnswerGoesOnWithAModelThatIsSetUpInAnotherWay) {
  const auto one = make_model(k_starter), two = make_model(k_starter, 0, nullptr, llama::KvType::q8_0);
  const protocol::Generate request = batch("Write a loop.", 60);
  Running slow(*one, request);
  slow.advance_to(State::decode);
  for (int i = 0; i < 20; ++i) slow.advance();
  const std::string before = slow.text;
  ASSERT_TRUE(one->let_go(Priority::interactive));
  EXPECT_FALSE(one->is_in_use());
  slow.generation->take_model(*two);
  EXPECT_EQ(slow.finish(), ask(*one, request).result->usage.completion.value);
  EXPECT_TRUE(slow.text.starts_with(before));
}

TEST_F(TwoModels, AnAnswerEndsWhereAModelWithLessRoomIsFull) {
  const auto one = make_model(k_starter, 2048), two = make_model(k_starter, 512), three = make_model(k_starter, 256);
  protocol::Generate request = batch("Write a loop.", 1900);
  request.sampling.grammar = "root ::= [a-z] root";
  request.guesses = protocol::Guesses::none;
  for (const bool is_too_long : {false, true}) {
    Running slow(*one, request);
    slow.advance_to(State::decode);
    for (int token = 0; token < (is_too_long ? 300 : 100); ++token) slow.advance();
    ASSERT_TRUE(one->let_go(Priority::interactive));
    slow.generation->take_model(is_too_long ? *three : *two);
    slow.advance_to(State::done);
    const auto result = slow.generation->take_result();
    ASSERT_EQ(result.has_value(), !is_too_long);
    if (is_too_long) EXPECT_EQ(result.error().kind, base::ErrorKind::too_large);
    else EXPECT_EQ(result->usage.prompt + result->usage.completion, base::TokenCount(512));
  }
}

TEST_F(TwoModels, WhatIsDoneStaysDone) {
  const auto one = make_model(k_starter);
  Running done(*one, batch("Write a loop.", 5));
  done.advance_to(State::done);
  const std::string text = done.text;
  EXPECT_TRUE(one->let_go(Priority::completion)) << "it needs the model no more";
  EXPECT_EQ(done.generation->state(), State::done);
  EXPECT_FALSE(done.generation->wants_model());
  done.advance();
  EXPECT_EQ(done.text, text);
  EXPECT_TRUE(done.generation->take_result());
}

// Each would wait for the other one's model for ever.
TEST_F(TwoModels, EqualsThatWaitLetEachOtherGoOn) {
  const auto one = make_growing_model();
  auto verdict = MemoryAnswer::Verdict::later;
  one->ask_for_memory([&](const MemoryWish&) { return MemoryAnswer{verdict, {}}; });
  Running waiting(*one, batch("Write a loop.", 700));
  EXPECT_FALSE(one->let_go(Priority::batch)) << "it has not tried yet";
  waiting.advance();
  ASSERT_EQ(waiting.generation->state(), State::blocked);
  ASSERT_TRUE(one->let_go(Priority::batch));
  EXPECT_TRUE(waiting.generation->wants_model());
  verdict = MemoryAnswer::Verdict::granted;
  waiting.generation->take_model(*one);
  EXPECT_GT(waiting.finish(), 0);
}

TEST_F(TwoModels, AnAnswerDoesNotGoOnWithAnotherModel) {
  ModelShelf shelf = make_shelf(of_one_ * 3);
  auto& one = *take(shelf, "one.gguf", Priority::batch);
  Running slow(one, batch("Write a loop."));
  slow.advance_to(State::decode);
  ASSERT_TRUE(one.let_go(Priority::interactive));
  std::filesystem::last_write_time(folder_ / "two.gguf", std::filesystem::file_time_type(std::chrono::hours(1)));
  slow.generation->take_model(*take(shelf, "two.gguf", Priority::batch));
  ASSERT_EQ(slow.generation->state(), State::done);
  EXPECT_EQ(slow.generation->take_result().error().kind, base::ErrorKind::model);
}

TEST_F(TwoModels, AMeasurementBeginsAnew) {
  ModelShelf shelf = make_shelf(of_one_ * 3 / 2);
  const auto calibration =
      take(shelf, "one.gguf", Priority::idle)->begin_calibration({[](const auto&) {}, [](std::string_view) {}, {}});
  calibration->advance(k_nobody_waits);
  ASSERT_NE(take(shelf, "two.gguf", Priority::interactive), nullptr);
  EXPECT_TRUE(calibration->wants_model());
  EXPECT_EQ(take(shelf, "one.gguf", Priority::idle), nullptr) << "nobody waits for it: the other one stays";
  calibration->take_model(*take(shelf, "one.gguf", Priority::batch));
  for (int steps = 0; calibration->state() != State::done; ++steps) {
    calibration->advance(k_nobody_waits);
    ASSERT_LT(steps, 1000);
  }
  EXPECT_TRUE(calibration->take_result());
}

TEST(Growth, AsksForTheMemory) {
  const auto model = make_growing_model();
  const std::int64_t before = model->memory().value;
  std::vector<MemoryWish> wishes;
  model->ask_for_memory([&](const MemoryWish& wish) {
    wishes.push_back(wish);
    return MemoryAnswer{};
  });
  ASSERT_TRUE(ask(*model, chat("Write a loop.", 300)).result);
  EXPECT_TRUE(wishes.empty()) << "it fits";
  ASSERT_TRUE(ask(*model, chat("Write a loop.", 700)).result);
  ASSERT_EQ(wishes.size(), 1u);
  EXPECT_EQ(wishes[0].bytes, model->memory());
  EXPECT_GT(model->memory().value, before);
}

// Keys of a context that is longer than the original ones are turned in another way: no part of it fits into a shorter.
TEST(Growth, OfLongContextsNoneIsShort) {
  const base::Path file = base::Path(testing::TempDir()) / "oc-long-rope.gguf";
  std::ofstream(file, std::ios::binary) << starter_with("qwen2.rope.scaling.original_context_length", 1000);
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto ask_with = [&](int context) {
    llama::Model model = load_model(file);
    const protocol::ModelFacts facts = model.facts(file);
    inference::ContextPolicy policy{context, 1, 1, base::ByteCount(16'000'000'000)};
    policy.first_context = k_context;
    const auto made = *inference::GgufModel::create(std::move(model), facts, policy, {&store, "test"});
    return ask(*made, chat("Write a loop.", 5)).result.value();
  };
  EXPECT_EQ(ask_with(0).context_tokens, 1024);
  EXPECT_EQ(ask_with(800).usage.cached.value, 0) << "other keys";
  const protocol::Generated longer = ask_with(1500);
  EXPECT_EQ(longer.usage.cached, longer.usage.prompt);
  std::filesystem::remove(file);
}

TEST(Growth, IsAsSmallAsItMustBeWhereMemoryIsShort) {
  const auto model = make_growing_model();
  model->ask_for_memory([](const MemoryWish& wish) {
    return MemoryAnswer{
        wish.need == MemoryWish::Need::must ? MemoryAnswer::Verdict::granted : MemoryAnswer::Verdict::later, {}};
  });
  ASSERT_TRUE(ask(*model, chat("Write a loop.", 530)).result);
  EXPECT_EQ(ask(*model, chat("Write a loop.", 5)).result->context_tokens, 768);
}

TEST(Growth, WithoutMemoryIsAnErrorWithTheNumbersAndHarmsNobodyElse) {
  const auto model = make_growing_model();
  const std::string small = ask(*model, chat("Write a loop.", 100)).text;
  model->ask_for_memory(
      [&](const MemoryWish&) { return MemoryAnswer{MemoryAnswer::Verdict::refused, base::ByteCount(123'000'000)}; });
  const Asked refused = ask(*model, chat("Write a loop.", 700));
  ASSERT_FALSE(refused.result);
  EXPECT_EQ(refused.result.error().kind, base::ErrorKind::model);
  EXPECT_NE(refused.result.error().message.find("123 MB are available"), std::string::npos)
      << refused.result.error().message;
  EXPECT_EQ(ask(*model, chat("Write a loop.", 100)).text, small);
}

// Two people, or a terminal and an editor: neither waits for the other's end.
TEST(Growth, EqualsAnswerTogetherWhereTheContextCanHoldBoth) {
  for (const bool has_memory : {true, false}) {
    kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
    const auto model = make_growing_model(&store);
    make_calls_of_several_rows_slow(*model);
    model->ask_for_memory([&](const MemoryWish&) {
      return MemoryAnswer{has_memory ? MemoryAnswer::Verdict::granted : MemoryAnswer::Verdict::refused, {}};
    });
    Running one(*model, chat("Write a loop.", 400)), two(*model, chat("Explain this.\nx = 1", 400));
    one.advance_to(State::decode);
    for (int i = 0; i < 3; ++i) one.advance();
    two.advance();
    EXPECT_EQ(two.generation->state() == State::blocked, !has_memory);
    EXPECT_EQ(one.generation->state() == State::decode, !has_memory) << "it gives way while the context grows";
    for (int i = 0; i < 5; ++i)
      for (Running* each : {&one, &two}) each->advance();
    EXPECT_EQ(two.text.empty(), !has_memory);
    EXPECT_EQ(one.generation->state(), State::decode);
    one.finish();
    two.finish();
    EXPECT_EQ(one.text, ask(*make_model(k_starter), chat("Write a loop.", 400)).text);
    EXPECT_EQ(two.text, ask(*make_model(k_starter), chat("Explain this.\nx = 1", 400)).text);
  }
}

TEST(Growth, AlternativesGoOnTogetherAfterwards) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto model = make_growing_model(&store);
  protocol::Generate request = chat("Write a loop.", 100);
  request.alternatives = 3;
  request.sampling.grammar = "root ::= ([a-z]+ \" \")+ | [^a-z]+";
  std::vector<std::string> texts(3);
  const auto several = *inference::Alternatives::begin(
      *model, request, {[](const auto&) {}, [](std::string_view) {}, {}},
      [&](int alternative, std::string_view text) { texts.at(static_cast<std::size_t>(alternative)) += text; });
  while (texts[2].empty()) several->advance(k_nobody_waits);
  Running other(*model, chat("Explain this.", 400));
  other.advance_to(State::decode);
  EXPECT_EQ(several->state(), State::prefill) << "it gave way, and there is room again";
  const std::vector<std::string> before = texts;
  for (int i = 0; i < 20; ++i) several->advance(k_nobody_waits);
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_GT(texts[i].size(), before[i].size()) << i;
  other.finish();
}

TEST(Growth, WhatIsInUseIsNotDisturbedForABatch) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto model = make_growing_model(&store);
  Running one(*model, chat("Write a loop.", 400)), two(*model, batch("Explain this.\nx = 1"));
  one.advance_to(State::decode);
  two.advance();
  EXPECT_EQ(two.generation->state(), State::blocked);
  EXPECT_EQ(one.generation->state(), State::decode);
}

// No other model ever leaves for it.
TEST(Growth, WhatNobodyWaitsForEndsWhereThereIsNoMemory) {
  const auto model = make_growing_model();
  model->ask_for_memory([](const MemoryWish&) { return MemoryAnswer{MemoryAnswer::Verdict::later, {}}; });
  protocol::Generate request = chat("Write a loop.", 700);
  request.priority = Priority::idle;
  Running run(*model, request);
  run.advance();
  ASSERT_EQ(run.generation->state(), State::done);
  EXPECT_EQ(run.generation->take_result()->stop, protocol::StopReason::cancelled);
}

TEST(Growth, WaitsForModelsInUse) {
  const auto model = make_growing_model();
  auto verdict = MemoryAnswer::Verdict::later;
  model->ask_for_memory([&](const MemoryWish&) { return MemoryAnswer{verdict, {}}; });
  Running run(*model, chat("Write a loop.", 700));
  run.advance();
  EXPECT_EQ(run.generation->state(), State::blocked);
  verdict = MemoryAnswer::Verdict::granted;
  EXPECT_GT(run.finish(), 0);
}

}  // namespace
}  // namespace oc::tests
