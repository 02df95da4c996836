// SPDX-License-Identifier: Apache-2.0
// Completions while somebody types: what is behind the cursor is not computed again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <utility>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "inference/timeline.hpp"

namespace oc::tests {
namespace {

// The starter wants what is behind the cursor first; a copy of it that says nothing of that has it last.
base::Path starter_with_prefix_first() {
  const base::Path path = base::Path(testing::TempDir()) / "oc-prefix-first.gguf";
  std::string bytes = *base::read_file(k_starter, base::ByteCount(std::int64_t{1} << 30));
  const std::string key = "tokenizer.ggml.fim_order";
  const std::size_t at = bytes.find(key);
  if (at != std::string::npos) bytes.replace(bytes.find("spm", at + key.size()), 3, "psm");
  if (!base::replace_file(path, bytes)) throw std::runtime_error("no copy of the starter");
  return path;
}

class Completion : public testing::TestWithParam<base::Path> {};
INSTANTIATE_TEST_SUITE_P(Orders, Completion, testing::Values(k_starter, starter_with_prefix_first()),
                         [](const auto& order) { return order.index == 0 ? "SuffixFirst" : "PrefixFirst"; });

protocol::Generate completion(const std::string& prefix, protocol::Reuse reuse = protocol::Reuse::approximate) {
  protocol::InfillPrompt prompt;
  prompt.path = "sums.py";
  for (int i = 0; i < 12; ++i) prompt.prefix += fmt::format("def add_{}(a, b):\n    return a + b\n\n", i);
  prompt.prefix += prefix;
  for (int i = 0; i < 12; ++i) prompt.suffix += fmt::format("\n\ndef subtract_{}(a, b):\n    return a - b\n", i);
  protocol::Generate request;
  request.prompt = prompt;
  request.max_tokens = base::TokenCount(12);
  request.priority = protocol::Priority::completion;
  request.reuse = reuse;
  request.stop = {"\n\n"};
  return request;
}

TEST_P(Completion, AKeystrokeComputesFewTokens) {
  const auto model = make_model(GetParam());
  const Asked first = ask(*model, completion("def total(prices"));
  ASSERT_TRUE(first.result);
  EXPECT_EQ(first.result->usage.cached.value, 0);
  for (const char* typed :
       {"def total(prices_of", "def total(prices_of_all, tax", "def total(pri", "def totally_other(x"}) {
    const Asked next = ask(*model, completion(typed));
    ASSERT_TRUE(next.result) << next.result.error().message;
    EXPECT_LE(next.result->usage.prompt.value - next.result->usage.cached.value, 16) << typed;
    EXPECT_TRUE(next.result->is_approximate);
  }
}

TEST_P(Completion, AfterEditsAnExactRequestIsExact) {
  const auto model = make_model(GetParam());
  for (const char* typed : {"def total(a", "def total(abc", "def total(abc, de"}) ask(*model, completion(typed));
  const protocol::Generate exact = completion("def total(abc, def", protocol::Reuse::exact);
  EXPECT_EQ(ask(*model, exact).text, ask(*make_model(GetParam()), exact).text);
  // Nothing that was moved got into the store of the timeline: the same again, from what it kept.
  EXPECT_EQ(ask(*model, exact).text, ask(*make_model(GetParam()), exact).text);
}

TEST_P(Completion, MovedTextStillTellsTheModelWhatFollows) {
  const auto model = make_model(GetParam());
  int same = 0, asked = 0;
  std::string typed = "def total(prices):\n    return ";
  ask(*model, completion(typed));
  for (const char* more : {"s", "u", "m", "("}) {
    typed += more;
    const std::string moved = ask(*model, completion(typed)).text;
    const std::string fresh = ask(*make_model(GetParam()), completion(typed)).text;
    same += moved == fresh ? 1 : 0;
    ++asked;
  }
  EXPECT_GE(same * 2, asked) << "an approximation, but of the same answer";
}

TEST_P(Completion, WhoTypesWhatWasSuggestedGetsTheRestAtOnce) {
  const auto model = make_model(GetParam());
  const Asked first = ask(*model, completion("def add_more(a, b):\n    ret"));
  ASSERT_GT(first.text.size(), 4u) << first.text;
  const std::string typed = first.text.substr(0, 3);
  EXPECT_FALSE(first.result->is_approximate);
  const Asked rest = ask(*model, completion("def add_more(a, b):\n    ret" + typed));
  EXPECT_TRUE(rest.result->is_approximate) << "it was not asked here";
  EXPECT_EQ(typed + rest.text, first.text);
  EXPECT_EQ(rest.result->usage.cached, rest.result->usage.prompt);
  EXPECT_EQ(rest.result->usage.completion.value, 0) << "the model had nothing to do";
  // Not with other text behind the cursor, and not when exactness is asked for.
  protocol::Generate other = completion("def add_more(a, b):\n    ret" + typed);
  std::get<protocol::InfillPrompt>(other.prompt).suffix += "# changed\n";
  EXPECT_GT(ask(*model, other).result->usage.completion.value, 0);
  EXPECT_GT(ask(*model, completion("def add_more(a, b):\n    ret" + typed, protocol::Reuse::exact))
                .result->usage.completion.value,
            0);
}

TEST_P(Completion, AKeystrokeComputesFewTokensWhileOthersAnswer) {
  const auto model = make_model(GetParam());
  ask(*model, completion("def total(prices"));
  protocol::Generate other = chat("Write a loop.", 300);
  other.priority = protocol::Priority::batch;
  std::string text;
  const auto answer = *model->begin(other, {[](const auto&) {}, [&](std::string_view piece) { text += piece; }, {}});
  while (answer->state() != inference::Generation::State::decode) answer->advance([] { return false; });
  for (const char* typed :
       {"def total(prices_of", "def total(prices_of_all", "def total(prices_of_all, tax", "def total(pri"}) {
    for (int i = 0; i < 5; ++i) answer->advance([] { return false; });
    const Asked next = ask(*model, completion(typed));
    ASSERT_TRUE(next.result);
    EXPECT_LE(next.result->usage.prompt.value - next.result->usage.cached.value, 16) << typed;
  }
  while (answer->state() != inference::Generation::State::done) answer->advance([] { return false; });
  EXPECT_EQ(text, ask(*make_model(GetParam()), other).text);
}

// One model answers questions and completes: who goes on typing after a question need not wait as if it were the first.
TEST_P(Completion, AKeystrokeComputesFewTokensAfterAQuestion) {
  kv::Store store({.folder = {}, .memory_limit = base::ByteCount(100'000'000), .disk_limit = {}});
  for (kv::Store* kept : {static_cast<kv::Store*>(nullptr), &store}) {
    const auto model = make_model(GetParam(), 0, kept), undisturbed = make_model(GetParam());
    for (const char* typed : {"def total(a", "def total(abc, tax", "def total(abc, ta", "def total(abc, tax, b"}) {
      const Asked next = ask(*model, completion(typed)), expected = ask(*undisturbed, completion(typed));
      EXPECT_EQ(next.text, expected.text) << typed;
      EXPECT_EQ(next.result->usage.cached, expected.result->usage.cached) << typed;
      const base::ByteCount before = model->memory();
      ask(*model, chat("Write a loop."));
      if (kept == nullptr) {
        EXPECT_GT(model->memory(), before) << "what is kept takes memory";
      }
    }
  }
}

TEST_P(Completion, AKeystrokeComputesFewTokensAfterAQuestionThatNeedsALongerContext) {
  llama::Model weights = load_model(GetParam());
  const protocol::ModelFacts facts = weights.facts(GetParam());
  inference::ContextPolicy policy{.memory = base::ByteCount(16'000'000'000), .first_context = 768};
  const auto model = *inference::GgufModel::create(std::move(weights), facts, policy, {nullptr, "test"});
  for (const char* typed : {"def total(a", "def total(abc"}) ask(*model, completion(typed));
  protocol::Generate question = chat("Write a loop.", 1'500);
  question.stop = {"o"};
  EXPECT_GT(ask(*model, question).result->context_tokens, 768);
  const Asked next = ask(*model, completion("def total(abc, tax"));
  EXPECT_EQ(next.result->context_tokens, ask(*model, question).result->context_tokens);
  EXPECT_LE(next.result->usage.prompt.value - next.result->usage.cached.value, 16);
}

TEST_P(Completion, WithoutMemoryNothingIsKeptForTheNextKeystroke) {
  const auto model = make_model(GetParam());
  model->ask_for_memory([](const inference::MemoryWish& wish) {
    using Verdict = inference::MemoryAnswer::Verdict;
    const bool is_granted = wish.need == inference::MemoryWish::Need::must;
    return inference::MemoryAnswer{is_granted ? Verdict::granted : Verdict::later, wish.bytes};
  });
  ask(*model, completion("def total(a"));
  const base::ByteCount before = model->memory();
  ask(*model, chat("Write a loop."));
  EXPECT_EQ(model->memory(), before);
  const Asked next = ask(*model, completion("def total(ab"));
  EXPECT_TRUE(next.result);
  EXPECT_EQ(next.result->usage.cached.value, 0) << "it had no store either";
}

TEST_P(Completion, WhatIsMovedIsNobodyElses) {
  const auto model = make_model(GetParam());
  const auto begin = [&](const protocol::Generate& request, std::string& text) {
    auto made = *model->begin(request, {[](const auto&) {}, [&text](std::string_view piece) { text += piece; }, {}});
    while (made->state() != inference::Generation::State::decode) made->advance([] { return false; });
    return made;
  };
  // Two with one prompt have its cells in common; then one of them ends, and its timeline is there to be moved.
  protocol::Generate request = completion("def total(a", protocol::Reuse::exact);
  request.stop.clear();
  request.max_tokens = base::TokenCount(40);
  std::string one_text, two_text;
  auto one = begin(request, one_text);
  const auto two = begin(request, two_text);
  one.reset();
  const Asked computed = ask(*model, completion("def total(abc"));
  const bool is_moved = GetParam() != k_starter;  // else what differs is at the end, and nothing has to move
  EXPECT_EQ(computed.result->usage.prompt.value - computed.result->usage.cached.value > 16, is_moved);
  const Asked moved = ask(*model, completion("def totally(abc"));
  EXPECT_LE(moved.result->usage.prompt.value - moved.result->usage.cached.value, 16) << "that one is its own";
  while (two->state() != inference::Generation::State::done) two->advance([] { return false; });
  EXPECT_EQ(two_text, ask(*make_model(GetParam()), request).text);
}

TEST_P(Completion, WorkOfNoUrgencyLeavesWhatTheNextKeystrokeNeeds) {
  const auto model = make_model(GetParam());
  ask(*model, completion("def total(a"));
  ask(*model, completion("def total(abc"));
  protocol::Generate exact = completion("def total(abc", protocol::Reuse::exact);
  exact.priority = protocol::Priority::idle;
  const auto improving = *model->begin(exact, {[](const auto&) {}, [](std::string_view) {}, {}});
  improving->advance([] { return false; });
  const Asked next = ask(*model, completion("def total(abcd"));
  EXPECT_LE(next.result->usage.prompt.value - next.result->usage.cached.value, 16) << "while it is computed";
  while (improving->state() != inference::Generation::State::done) improving->advance([] { return false; });
  const Asked after = ask(*model, completion("def total(abcde"));
  EXPECT_LE(after.result->usage.prompt.value - after.result->usage.cached.value, 16) << "and when it is done";
}

TEST_P(Completion, AHalfOfItsImprovementIsNotKeptInItsPlace) {
  const auto model = make_model(GetParam(), 1024);
  for (const char* typed : {"def total(a", "def total(abc"}) ask(*model, completion(typed));
  protocol::Generate exact = completion("def total(abc", protocol::Reuse::exact);
  exact.priority = protocol::Priority::idle;
  const auto improving = *model->begin(exact, {[](const auto&) {}, [](std::string_view) {}, {}});
  improving->advance([] { return false; });
  protocol::Generate question = chat("Write a loop.", 700);
  question.stop = {"o"};
  ASSERT_TRUE(ask(*model, question).result) << "for which the other one gave way";
  const Asked next = ask(*model, completion("def total(abcd"));
  EXPECT_LE(next.result->usage.prompt.value - next.result->usage.cached.value, 16);
}

// A tail that is moved once stays while what is typed fits before it, wherever the cursor goes next.
TEST(Timelines, WhatIsTypedFitsIntoTheGap) {
  const llama::Model model = load_model(k_starter);
  auto context = *llama::Context::create(model, {1024, 1, 1});
  const inference::KvHome home{nullptr, "test"};
  inference::Timeline timeline(context, home, 0);
  inference::EncodedPrompt prompt;
  for (int i = 0; i < 200; ++i) prompt.tokens.push_back(100 + i);
  kv::Chain chain(home.identity);
  const auto never = [] { return false; };
  for (const inference::Part& part : split_into_parts(prompt, 128, chain))
    ASSERT_TRUE(timeline.compute(prompt.tokens, part, never));
  const auto edit = [&](std::size_t at, int deleted, int inserted) {
    const auto place = prompt.tokens.begin() + static_cast<std::ptrdiff_t>(at);
    prompt.tokens.erase(place, place + deleted);
    prompt.tokens.insert(place, static_cast<std::size_t>(inserted), 7);
    const auto overlap = timeline.find_overlap(prompt.tokens);
    EXPECT_LE(prompt.tokens.size() - overlap.begin - overlap.end, static_cast<std::size_t>(inserted));
    const auto edited = timeline.edit(prompt.tokens, overlap, never);
    EXPECT_TRUE(edited && edited->outcome == llama::Context::Outcome::done);
    EXPECT_EQ(timeline.length(), prompt.tokens.size());
    return timeline.next_position();
  };
  const int end = edit(100, 0, 1);
  EXPECT_GT(end, static_cast<int>(prompt.tokens.size()));
  for (const auto& [deleted, inserted] : {std::pair(0, 3), std::pair(2, 1), std::pair(0, 4), std::pair(1, 9)})
    EXPECT_EQ(edit(100, deleted, inserted), end);
  EXPECT_GT(edit(100, 0, 30), end) << "it is full: moved on";
  // Behind the gap, and before it.
  const auto gap = [&] { return timeline.next_position() - static_cast<int>(prompt.tokens.size()); };
  const int known = gap();
  edit(170, 0, 2);
  EXPECT_EQ(gap(), known);
  edit(50, 0, 2);
  edit(50, 10, 0);
  edit(50, 30, 1);
  EXPECT_LE(gap(), 64) << "never more than one of them";
  timeline.truncate(timeline.length() - 20);
  timeline.keep(0);
  EXPECT_EQ(timeline.next_position(), 0);
}

TEST_P(Completion, AnAnswerBehindAGapGivesWayAndGoesOn) {
  using State = inference::Generation::State;
  const auto never = [] { return false; };
  const auto run = [&](const auto& in_between) {
    const auto model = make_model(GetParam(), 1024);
    ask(*model, completion("def total(prices"));
    protocol::Generate request = completion("def total(prices_of");
    request.stop.clear();
    request.max_tokens = base::TokenCount(30);
    request.priority = protocol::Priority::batch;
    std::string text;
    const auto answer =
        *model->begin(request, {[](const auto&) {}, [&text](std::string_view piece) { text += piece; }, {}});
    for (int i = 0; i < 8; ++i) answer->advance(never);
    EXPECT_EQ(answer->state(), State::decode);
    in_between(*model);
    while (answer->state() != State::done) answer->advance(never);
    EXPECT_TRUE(answer->is_approximate());
    return text;
  };
  bool gave_way = false;
  const std::string disturbed = run([&](inference::GgufModel& model) {
    const Asked urgent = ask(model, chat("Write a loop.", 900));
    EXPECT_TRUE(urgent.result);
    gave_way = true;
  });
  EXPECT_TRUE(gave_way);
  EXPECT_EQ(disturbed, run([](const auto&) {}));
}

TEST_P(Completion, InterruptedItIsComputedInTheExactWay) {
  const auto model = make_model(GetParam());
  ask(*model, completion("def total(a"));
  std::string text;
  const auto generation = *model->begin(completion("def total(abc"),
                                        {[](const auto&) {}, [&](std::string_view piece) { text += piece; }, {}});
  generation->advance([] { return true; });
  while (generation->state() != inference::Generation::State::done) generation->advance([] { return false; });
  EXPECT_EQ(text, ask(*make_model(GetParam()), completion("def total(abc", protocol::Reuse::exact)).text);
  const auto once = make_model(GetParam());
  ask(*once, completion("def total(a"));
  const std::int64_t first = once->reuse().prompt_tokens;
  ask(*once, completion("def total(abc"));
  EXPECT_EQ(model->reuse().prompt_tokens, once->reuse().prompt_tokens) << "it is one prompt";
  EXPECT_EQ(model->reuse().reused_tokens, 0) << "nothing of it was of use, and there is no store";
  EXPECT_GT(once->reuse().prompt_tokens, first);
}

}  // namespace
}  // namespace oc::tests
