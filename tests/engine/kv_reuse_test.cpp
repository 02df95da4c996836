// SPDX-License-Identifier: Apache-2.0
// What was computed before is used again and changes no answer.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <functional>
#include <set>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "inference/prompt_parts.hpp"
#include "inference/timeline.hpp"
#include "kv/container.hpp"

namespace oc::tests {
namespace {

using inference::EncodedPrompt;
using inference::Part;
using llama::TokenId;

constexpr std::size_t k_part = 128;

class KvReuse : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove_all(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  kv::Store::Options options(std::int64_t memory = 1 << 28, std::int64_t disk = 1 << 28) const {
    return {folder_, base::ByteCount(memory), base::ByteCount(disk)};
  }
  // A prompt of a few hundred tokens whose last segment is the question.
  static protocol::Generate question(const std::string& text, std::int64_t max_tokens = 24) {
    std::string file;
    for (int i = 0; i < 40; ++i) file += fmt::format("def add_{}(a, b):\n    return a + b + {}\n\n", i, i);
    protocol::Generate request;
    request.prompt = protocol::ChatPrompt{{{protocol::Role::system, "You are careful."},
                                           {protocol::Role::user, "The file sums.py:\n" + file},
                                           {protocol::Role::user, text}},
                                          ""};
    request.max_tokens = base::TokenCount(max_tokens);
    return request;
  }

  base::Path folder_ = base::Path(testing::TempDir()) /
                       fmt::format("oc-kv-{}", testing::UnitTest::GetInstance()->current_test_info()->name());
};

using SharedKvReuse = KvReuse;

// Tokens that are no text but make every layer work.
EncodedPrompt some_prompt(std::size_t length, TokenId vocabulary) {
  EncodedPrompt prompt;
  for (std::size_t i = 0; i < length; ++i)
    prompt.tokens.push_back(static_cast<TokenId>((i * 7919 + 13) % static_cast<std::size_t>(vocabulary)));
  prompt.segments = {100, 300, length - 40};
  return prompt;
}

std::vector<float> logits_after(llama::Context& context, inference::Timeline& timeline, const EncodedPrompt& prompt,
                                std::span<const Part> parts) {
  while (timeline.parts() < parts.size())
    EXPECT_TRUE(timeline.compute(prompt.tokens, parts[timeline.parts()], [] { return false; }));
  const auto logits = context.logits(static_cast<int>(parts.back().end - parts.back().begin) - 1);
  return {logits.begin(), logits.end()};
}

TEST_F(KvReuse, RestoredPartsGiveBitForBitTheLogitsOfComputedOnes) {
  const llama::Model model = load_model(k_starter);
  kv::Store store(options());
  const inference::KvHome home{&store, "test"};
  const EncodedPrompt prompt = some_prompt(1000, model.vocabulary().size());
  kv::Chain chain(home.identity);
  const std::vector<Part> parts = split_into_parts(prompt, k_part, chain);
  ASSERT_GT(parts.size(), 6u);

  auto first = *llama::Context::create(model, {1536, 1, 1});
  inference::Timeline computed(first, home, 0);
  const auto wanted = logits_after(first, computed, prompt, parts);
  store.flush();

  for (const std::size_t known : {parts.size() - 1, std::size_t{4}, std::size_t{1}}) {
    kv::Store again(options());
    auto second = *llama::Context::create(model, {2048, 1, 1});
    const inference::KvHome other_home{&again, "test"};
    inference::Timeline restored(second, other_home, 3);
    restored.restore(prompt.tokens, std::span(parts).first(known));
    EXPECT_EQ(restored.parts(), known);
    const auto got = logits_after(second, restored, prompt, parts);
    ASSERT_EQ(got.size(), wanted.size());
    EXPECT_EQ(std::memcmp(got.data(), wanted.data(), got.size() * sizeof(float)), 0) << known << " parts restored";
  }
}

TEST_F(KvReuse, TheNextQuestionFindsTheContextAndGivesTheAnswerOfAFreshModel) {
  kv::Store store(options());
  const auto model = make_model(k_starter, 0, &store);
  const Asked first = ask(*model, question("Explain add_3."));
  const Asked second = ask(*model, question("What does add_7 return?"));
  ASSERT_TRUE(first.result && second.result);
  EXPECT_EQ(first.result->usage.cached.value, 0);
  EXPECT_GT(second.result->usage.cached.value, second.result->usage.prompt.value - 40);
  const Asked fresh = ask(*make_model(k_starter), question("What does add_7 return?"));
  EXPECT_EQ(second.text, fresh.text);
}

// Random weights: the best two tokens are often nearly equal, so that the last bits decide.
TEST_F(SharedKvReuse, WithoutGuessesTheSameAgainIsTheSame) {
  OC_NEED_FILE(k_tiny);
  kv::Store store(options());
  const auto model = make_model(k_tiny, 2048, &store);
  make_guesses_cheap(*model);
  for (const char* text : {"Explain add_3.", "Which of them is the largest?"}) {
    protocol::Generate request = question(text, 40);
    request.guesses = protocol::Guesses::none;
    const Asked first = ask(*model, request), again = ask(*model, request);
    ASSERT_TRUE(first.result && again.result);
    EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
    EXPECT_EQ(first.text, ask(*make_model(k_tiny, 2048), request).text);
    EXPECT_EQ(again.text, first.text);
  }
  EXPECT_EQ(model->reuse().drafted_tokens, 0);
  make_guesses_cheap(*model);
  ask(*model, question("Explain add_3.", 40));
  EXPECT_GT(model->reuse().drafted_tokens, 0) << "it would have been guessed";
}

TEST_F(KvReuse, AnotherEngineFindsItOnDisk) {
  std::string first;
  {
    kv::Store store(options());
    first = ask(*make_model(k_starter, 0, &store), question("Explain add_3.")).text;
  }
  kv::Store store(options());
  const Asked again = ask(*make_model(k_starter, 0, &store), question("Explain add_3."));
  ASSERT_TRUE(again.result);
  EXPECT_EQ(again.text, first);
  EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
}

// Whole files with the right names and checksums that hold something else.
TEST_F(KvReuse, WhatDoesNotFitIsReplaced) {
  const std::vector<std::function<void(kv::Entry&)>> damages{
      [](kv::Entry& entry) { entry.state.assign(entry.state.size(), 'x'); },
      [](kv::Entry& entry) { entry.state.clear(); }, [](kv::Entry& entry) { entry.identity += "another"; },
      [](kv::Entry& entry) { entry.position += 1; }, [](kv::Entry& entry) { entry.tokens.push_back(1); }};
  for (std::size_t i = 0; i < damages.size(); ++i) {
    SCOPED_TRACE(i);
    std::filesystem::remove_all(folder_);
    {
      kv::Store store(options());
      ask(*make_model(k_starter, 0, &store), question("What is there?"));
    }
    int damaged = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      const auto bytes = base::read_file(file.path(), base::ByteCount(1 << 26));
      auto entry = kv::parse(*bytes);
      ASSERT_TRUE(entry);
      if (entry->state.empty()) continue;  // an answer's tokens
      damages[i](*entry);
      ASSERT_TRUE(base::replace_file(file.path(), kv::encode(*entry), base::FileAccess::owner_only));
      ++damaged;
    }
    EXPECT_GT(damaged, 2);
    {
      kv::Store store(options());
      EXPECT_EQ(ask(*make_model(k_starter, 0, &store), question("What is there?")).result->usage.cached.value, 0);
      EXPECT_GT(store.facts().refused, 0);
    }
    kv::Store store(options());
    const Asked again = ask(*make_model(k_starter, 0, &store), question("What is there?"));
    EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
  }
}

TEST_F(KvReuse, AStateIsRestoredIntoCellsBetweenThoseOfOthers) {
  const llama::Model model = load_model(k_starter);
  kv::Store store(options());
  const inference::KvHome home{&store, "test"}, nowhere{nullptr, "test"};
  EncodedPrompt prompt;
  for (std::size_t i = 0; i < k_part; ++i) prompt.tokens.push_back(static_cast<TokenId>(i));
  kv::Chain chain(home.identity), other_chain(home.identity);
  const std::vector<Part> parts = split_into_parts(prompt, k_part, chain);
  const std::vector<Part> halves = split_into_parts(prompt, k_part / 2, other_chain);
  constexpr int k_others = 6;
  auto context = *llama::Context::create(model, {k_others * static_cast<int>(k_part), 1, 1});
  inference::Timeline timeline(context, home, k_others);
  logits_after(context, timeline, prompt, parts);
  timeline.keep(0);
  std::vector<inference::Timeline> others;
  for (int i = 0; i < k_others; ++i) {
    others.emplace_back(context, nowhere, i);
    logits_after(context, others.back(), prompt, halves);
  }
  for (inference::Timeline& other : others) other.keep(1);
  timeline.restore(prompt.tokens, parts);
  EXPECT_EQ(timeline.parts(), 1u);
}

TEST_F(KvReuse, SwitchingBetweenPromptsLosesNothing) {
  kv::Store store(options());
  const auto model = make_model(k_starter, 0, &store);
  protocol::Generate other = question("Explain add_3.");
  std::get<protocol::ChatPrompt>(other.prompt).segments[1].text = "Nothing of that.\n" + std::string(800, 'x');
  ask(*model, question("Explain add_3."));
  ask(*model, other);
  const Asked back = ask(*model, question("Explain add_3."));
  EXPECT_EQ(back.result->usage.cached, back.result->usage.prompt);
}

TEST_F(KvReuse, AnAnswerIsFoundInTheNextPrompt) {
  kv::Store store(options());
  protocol::Generate request = question("Write one word.", 40);
  request.sampling.grammar = "root ::= \"Seven  words,oddly   spaced, nothing_else\"";
  const auto model = make_model(k_starter, 0, &store);
  const Asked first = ask(*model, request);
  ASSERT_EQ(first.result->stop, protocol::StopReason::end);

  auto& segments = std::get<protocol::ChatPrompt>(request.prompt).segments;
  segments.push_back({protocol::Role::assistant, first.text});
  segments.push_back({protocol::Role::user, "And now?"});
  request.sampling.grammar.clear();
  const Asked second = ask(*model, request);
  const std::int64_t of_first = first.result->usage.prompt.value + first.result->usage.completion.value;
  EXPECT_GE(second.result->usage.cached.value, of_first);

  // The same after a restart, and with an answer of other words only what is before it.
  const auto later = make_model(k_starter, 0, &store);
  EXPECT_EQ(ask(*later, request).result->usage.cached, second.result->usage.prompt);
  segments[segments.size() - 2].text = "Something else.";
  const Asked edited = ask(*later, request);
  EXPECT_LE(edited.result->usage.cached.value, first.result->usage.prompt.value);
  EXPECT_GT(edited.result->usage.cached.value, 256);
}

// What was evicted of an answer is not generated again token by token, and not kept under the name of what was.
TEST_F(KvReuse, AnAnswerWhoseKvIsGoneIsReadAsText) {
  protocol::Generate request = question("Write one word.", 0);
  const auto parts_on_disk = [&] {
    std::set<base::Path> parts;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) {
      auto bytes = base::read_file(file.path(), base::ByteCount(1 << 28));
      if (!kv::parse(std::move(*bytes))->state.empty()) parts.insert(file.path());
    }
    return parts;
  };
  std::string answer;
  {
    kv::Store store(options());
    const auto model = make_model(k_starter, 0, &store);
    ask(*model, request);
    store.flush();
    const std::set<base::Path> of_prompt = parts_on_disk();
    request.max_tokens = base::TokenCount(40);
    request.sampling.grammar = "root ::= \"Seven  words,oddly   spaced, nothing_else\"";
    answer = ask(*model, request).text;
    store.flush();
    std::set<base::Path> of_answer = parts_on_disk();
    for (const base::Path& part : of_prompt) of_answer.erase(part);
    ASSERT_FALSE(of_answer.empty());
    for (const base::Path& part : of_answer) std::filesystem::remove(part);
  }
  auto& segments = std::get<protocol::ChatPrompt>(request.prompt).segments;
  segments.push_back({protocol::Role::assistant, answer});
  segments.push_back({protocol::Role::user, "And now?"});
  request.sampling.grammar.clear();
  kv::Store store(options());
  const Asked with_store = ask(*make_model(k_starter, 0, &store), request);
  const Asked fresh = ask(*make_model(k_starter), request);
  EXPECT_EQ(with_store.result->usage.prompt, fresh.result->usage.prompt);
  EXPECT_GT(with_store.result->usage.cached.value, 256);
  EXPECT_EQ(with_store.text, fresh.text);
}

TEST_F(KvReuse, APartOfAnAnswerIsComputedAsItWasGenerated) {
  const llama::Model model = load_model(k_starter);
  const inference::KvHome home{nullptr, "test"};
  EncodedPrompt prompt = some_prompt(300, model.vocabulary().size());
  prompt.answers = {{200, 260}};
  kv::Chain chain(home.identity);
  const std::vector<Part> parts = split_into_parts(prompt, k_part, chain);
  auto context = *llama::Context::create(model, {512, 1, 1}), other = *llama::Context::create(model, {512, 1, 1});
  inference::Timeline computed(context, home, 0), generated(other, home, 0);
  for (const Part& part : parts) {
    ASSERT_TRUE(part.end > 260 || computed.compute(prompt.tokens, part, [] { return false; }));
    ASSERT_TRUE(part.end > 200 || generated.compute(prompt.tokens, part, [] { return false; }));
  }
  for (int i = 200; i < 260; ++i) {
    const llama::Row row{prompt.tokens[static_cast<std::size_t>(i)], i, 0, llama::Row::Logits::unwanted};
    ASSERT_TRUE(other.decode(std::span(&row, 1), [] { return false; }));
  }
  EXPECT_TRUE(context.save(0) == other.save(0));
}

// Of an answer that was cut all but the last token is computed.
TEST_F(KvReuse, AnAnswerThatWasCutIsFoundInTheNextPromptToo) {
  kv::Store store(options());
  protocol::Generate request = question("Write one word.", 300);
  request.sampling.grammar = "root ::= \"Seven  words,oddly   spaced, nothing_else  \" root";
  const auto model = make_model(k_starter, 0, &store);
  const Asked first = ask(*model, request);
  ASSERT_EQ(first.result->stop, protocol::StopReason::max_tokens);

  auto& segments = std::get<protocol::ChatPrompt>(request.prompt).segments;
  segments.push_back({protocol::Role::assistant, first.text});
  segments.push_back({protocol::Role::user, "And now?"});
  const Asked second = ask(*model, request);
  EXPECT_GE(second.result->usage.cached.value, first.result->usage.prompt.value + 299);
}

// The answer begins with words of ours, ends with a text that is not shown, and comes back whole.
TEST_F(KvReuse, AnAnswerThatWasBegunIsFoundInTheNextPromptToo) {
  kv::Store store(options());
  protocol::Generate request = question("Write some code.", 60);
  auto& chat = std::get<protocol::ChatPrompt>(request.prompt);
  chat.answer_start = "```python\n";
  request.sampling.grammar = "root ::= \"seven  = words,oddly   (spaced)\\n```\\n\"";
  request.stop = {"\n```\n"};
  const auto model = make_model(k_starter, 0, &store);
  const Asked first = ask(*model, request);
  ASSERT_EQ(first.result->stop, protocol::StopReason::stop_text);
  ASSERT_EQ(first.text, "seven  = words,oddly   (spaced)");

  protocol::Generate repair = request;
  auto& segments = std::get<protocol::ChatPrompt>(repair.prompt).segments;
  segments.push_back({protocol::Role::assistant, chat.answer_start + first.text + "\n```\n"});
  segments.push_back({protocol::Role::user, "And now?"});
  const Asked second = ask(*model, repair);
  EXPECT_GE(second.result->usage.cached.value, first.result->usage.prompt.value + 5);

  // What there is of an answer is put into the model's mouth again.
  request.stop.clear();
  request.max_tokens = base::TokenCount(4);
  const Asked cut = ask(*model, request);
  ASSERT_EQ(cut.result->stop, protocol::StopReason::max_tokens);
  chat.answer_start += cut.text;
  const Asked rest = ask(*model, request);
  EXPECT_EQ(rest.result->usage.cached.value, rest.result->usage.prompt.value - 1) << "its last token";
}

TEST_F(KvReuse, WithoutRoomForItEverythingIsComputedAgain) {
  kv::Store store(options(0, 0));
  const auto model = make_model(k_starter, 0, &store);
  const std::string wanted = ask(*make_model(k_starter), question("Explain add_3.")).text;
  EXPECT_EQ(ask(*model, question("Explain add_3.")).text, wanted);
  ask(*model, question("Something else."));
  EXPECT_EQ(ask(*model, question("Explain add_3.")).text, wanted);
}

// Without its beginning the rest of what is kept is worth nothing; and in a long session nobody asks the store for it.
TEST_F(KvReuse, WhatAllQuestionsBeginWithOutlivesThem) {
  std::int64_t of_first = 0;
  {
    kv::Store store(options(1 << 28, 0));
    ask(*make_model(k_starter, 0, &store), question("Question 0?"));
    of_first = store.facts().memory_bytes.value;
  }
  for (const bool is_on_disk : {false, true}) {
    kv::Store store(options(is_on_disk ? 0 : of_first * 3 / 2, is_on_disk ? of_first * 3 / 2 : 0));
    const auto model = make_model(k_starter, 0, &store);
    std::int64_t evicted = 0;
    for (int i = 0; evicted < 8; ++i) {
      ASSERT_TRUE(ask(*model, question(fmt::format("Question {}?", i))).result);
      store.flush();
      evicted = store.facts().memory_evicted + store.facts().disk_evicted;
      ASSERT_LT(i, 200);
    }
    const Asked later = ask(*make_model(k_starter, 0, &store), question("What is there?"));
    EXPECT_GT(later.result->usage.cached.value, later.result->usage.prompt.value - 40) << is_on_disk;
  }
}

TEST_F(KvReuse, AQuantisedCacheIsFoundToo) {
  kv::Store store(options());
  const std::string wanted =
      ask(*make_model(k_starter, 0, nullptr, llama::KvType::q8_0), question("Explain add_3.")).text;
  EXPECT_EQ(ask(*make_model(k_starter, 0, &store, llama::KvType::q8_0), question("Explain add_3.")).text, wanted);
  const Asked again = ask(*make_model(k_starter, 0, &store, llama::KvType::q8_0), question("Explain add_3."));
  EXPECT_EQ(again.text, wanted);
  EXPECT_EQ(again.result->usage.cached, again.result->usage.prompt);
  // What one kind of cache holds is nothing for the other.
  EXPECT_EQ(ask(*make_model(k_starter, 0, &store), question("Explain add_3.")).result->usage.cached.value, 0);
}

TEST_F(KvReuse, OnlyPrefill) {
  kv::Store store(options());
  const auto model = make_model(k_starter, 0, &store);
  const Asked warm = ask(*model, question("Explain add_3.", 0));
  ASSERT_TRUE(warm.result);
  EXPECT_EQ(warm.text, "");
  EXPECT_EQ(warm.result->usage.completion.value, 0);
  const Asked asked = ask(*model, question("Explain add_3."));
  EXPECT_EQ(asked.result->usage.cached, asked.result->usage.prompt);
}

}  // namespace
}  // namespace oc::tests
