// SPDX-License-Identifier: Apache-2.0
// Generations advance by steps: between others, together with others, interrupted, and several tokens at a time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "engine/models.hpp"
#include "inference/perseverance.hpp"
#include "inference/timeline.hpp"

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

// Somebody types faster than a call with guesses takes: the answer goes on all the same.
TEST(Steps, ACallWithGuessesIsNotInterruptedForEver) {
  const auto model = make_model(k_starter);
  make_guesses_cheap(*model);
  Running run(*model, copying_request());
  while (run.generation->state() != State::decode) run.advance();
  constexpr int k_enough = 500;
  int steps = 0;
  for (; run.generation->state() != State::done && steps < k_enough; ++steps)
    run.generation->advance([] { return true; });
  EXPECT_LT(steps, k_enough);
  EXPECT_EQ(run.text, ask(*make_model(k_starter), copying_request()).text);
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

// Its bits, too: what was there before the interruption is used as it is.
TEST(Steps, APartThatWasInterruptedHasTheBitsOfOneThatWasNot) {
  const llama::Model model = load_model(k_starter);
  inference::EncodedPrompt prompt;
  for (int i = 0; i < 600; ++i) prompt.tokens.push_back((i * 7919 + 13) % model.vocabulary().size());
  const inference::KvHome home{nullptr, "test"};
  constexpr int k_step = 64;
  const auto logits = [&](int interrupt_each) {
    kv::Chain chain(home.identity);
    const std::vector<inference::Part> parts = split_into_parts(prompt, k_step, chain);
    auto context = *llama::Context::create(model, {1024, 1, 1, llama::KvType::f16, k_step});
    inference::Timeline timeline(context, home, 0);
    int stopped = 0;
    for (int call = 1; timeline.parts() < parts.size(); ++call) {
      int asked = 0;
      const auto stop = [&] { return interrupt_each > 0 && call % interrupt_each == 0 && ++asked > 5; };
      const auto outcome = timeline.compute(prompt.tokens, parts[timeline.parts()], stop);
      EXPECT_TRUE(outcome);
      if (outcome && *outcome == llama::Context::Outcome::stopped) ++stopped;
    }
    EXPECT_EQ(stopped > 0, interrupt_each > 0);
    const auto all = context.logits(static_cast<int>(parts.back().end - parts.back().begin) - 1);
    return std::vector<float>(all.begin(), all.end());
  };
  const auto wanted = logits(0);
  for (const int each : {2, 3, 5}) {
    const auto got = logits(each);
    ASSERT_EQ(got.size(), wanted.size());
    EXPECT_EQ(std::memcmp(got.data(), wanted.data(), got.size() * sizeof(float)), 0) << each;
  }
}

TEST(Steps, APromptIsReadThoughItIsInterruptedAllTheTime) {
  const auto model = make_model(k_starter);
  Running run(*model, chat(std::string(1500, 'x') + "?", 4));
  int calls = 0;
  for (; run.generation->state() != State::decode && calls < 10'000; ++calls)
    run.generation->advance([] { return true; });
  EXPECT_EQ(run.generation->state(), State::decode);
  EXPECT_GT(calls, inference::k_interruptions_of_short_call);
  run.finish();
  EXPECT_EQ(run.text, ask(*make_model(k_starter), chat(std::string(1500, 'x') + "?", 4)).text);

  protocol::Generate idle = chat(std::string(1500, 'y') + "?", 4);
  idle.priority = protocol::Priority::idle;
  Running ahead(*model, idle);
  for (int i = 0; i < 200; ++i) ahead.generation->advance([] { return true; });
  EXPECT_EQ(ahead.generation->state(), State::prefill) << "nobody waits for it";
}

protocol::Generate of_batch(const std::string& question) {
  protocol::Generate request = chat("The file:\n" + std::string(1200, 'x') + "\n" + question, 20);
  request.priority = protocol::Priority::batch;
  return request;
}

TEST(Steps, ABatchReadsTheEndsOfItsPromptsTogether) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto model = make_model(k_starter, 0, &store);
  std::vector<protocol::Generate> requests;
  for (const char* question : {"What is it?", "Why is it there?", "Who calls it, and when?"}) {
    requests.push_back(of_batch(question));
    auto& segments = std::get<protocol::ChatPrompt>(requests.back().prompt).segments;
    segments[1].text.resize(segments[1].text.size() - std::strlen(question));
    segments.push_back({protocol::Role::user, question});
  }
  std::vector<std::unique_ptr<Running>> running;
  for (const auto& request : requests) running.push_back(std::make_unique<Running>(*model, request));
  for (const auto& each : running)
    while (each->generation->state() != State::decode) each->advance();
  for (const auto& each : running) EXPECT_EQ(each->text, "") << "nobody has read all of its prompt";
  running[1]->advance();
  for (const auto& each : running) EXPECT_NE(each->text, "");
  for (const auto& each : running) each->finish();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(running[i]->text, ask(*make_model(k_starter), requests[i]).text) << i;
    // What was read so is not what it would be alone: it is not found by anybody.
    protocol::Generate alone = requests[i];
    alone.priority = protocol::Priority::interactive;
    const Asked again = ask(*model, alone);
    EXPECT_LT(again.result->usage.cached.value, again.result->usage.prompt.value - 1) << i;
    EXPECT_GT(again.result->usage.cached.value, 256) << i;
  }
}

// A batch sends its next request when one has ended: that one does not wait for the end of all others.
TEST(Steps, OneThatJoinsABatchLaterIsReadAtOnce) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto model = make_model(k_starter, 0, &store);
  Running one(*model, of_batch("What is it?")), two(*model, of_batch("Why is it there?"));
  for (Running* each : {&one, &two})
    while (each->generation->state() != State::decode) each->advance();
  for (int i = 0; i < 3; ++i) one.advance();
  EXPECT_FALSE(two.text.empty());
  Running late(*model, of_batch("Who calls it, and when?"));
  while (late.generation->state() != State::decode) late.advance();
  for (int i = 0; i < 3 && late.text.empty(); ++i) {
    one.advance();
    // Read alone, it has a step of its own again.
    if (late.generation->state() == State::prefill) late.advance();
  }
  EXPECT_FALSE(late.text.empty());
  EXPECT_NE(one.generation->state(), State::done);
  for (Running* each : {&one, &two, &late}) each->finish();
}

// What two have in common is computed by one of them, though they take turns.
TEST(Steps, EqualsThatBeginAlikeComputeThatOnce) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(std::int64_t{1} << 28), .disk_limit = {}});
  const auto model = make_model(k_starter, 0, &store);
  const auto request = [](const std::string& question) {
    protocol::Generate made = chat("The file:\n" + std::string(1500, '7'), 4);
    std::get<protocol::ChatPrompt>(made.prompt).segments.push_back({protocol::Role::user, question});
    return made;
  };
  const std::int64_t tokens = model->count(request("What is it?").prompt)->value;
  Running one(*model, request("What is it?")), two(*model, request("Why is it there?"));
  int computed = 0;  // calls of the model ask whether to stop
  while (one.generation->state() == State::prefill || two.generation->state() == State::prefill)
    for (Running* each : {&one, &two}) {
      if (each->generation->state() != State::prefill) continue;
      bool is_computing = false;
      each->generation->advance([&] {
        is_computing = true;
        return false;
      });
      computed += is_computing ? 1 : 0;
    }
  ASSERT_GT(tokens, 1000);
  EXPECT_LE(computed, static_cast<int>(tokens / llama::k_usual_step_tokens) + 4);
  for (Running* each : {&one, &two}) each->finish();
  EXPECT_EQ(one.text, ask(*make_model(k_starter), request("What is it?")).text);
  EXPECT_EQ(two.text, ask(*make_model(k_starter), request("Why is it there?")).text);
}

TEST(Steps, OneOfABatchAloneIsKeptAsAnyPrompt) {
  const auto model = make_model(k_starter);
  const protocol::Generate request = of_batch("What is it?");
  const Asked first = ask(*model, request), again = ask(*model, request);
  EXPECT_EQ(again.text, first.text);
  EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
}

}  // namespace
}  // namespace oc::tests
