// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "engine/models.hpp"

namespace oc::tests {
namespace {

using protocol::StopReason;

TEST(Generation, IsRepeatableAndReusesThePrompt) {
  const auto model = make_model(k_starter);
  const Asked first = ask(*model, chat("Write a Python function: Return the sum of two numbers."));
  ASSERT_TRUE(first.result) << first.result.error().message;
  EXPECT_FALSE(first.text.empty());
  EXPECT_EQ(first.result->usage.cached.value, 0);
  const Asked second = ask(*model, chat("Write a Python function: Return the sum of two numbers."));
  EXPECT_EQ(second.text, first.text);
  EXPECT_EQ(second.result->usage.prompt, first.result->usage.prompt);
  EXPECT_EQ(second.result->usage.cached, second.result->usage.prompt);
}

TEST(Generation, ReusesTheLongestCommonPrefixOnly) {
  const auto model = make_model(k_starter);
  const Asked first = ask(*model, chat("Explain this code.\nx = 1", 4));
  const Asked other = ask(*model, chat("Explain this code.\ny = 2", 4));
  ASSERT_TRUE(first.result && other.result);
  EXPECT_GT(other.result->usage.cached.value, 10);
  EXPECT_LT(other.result->usage.cached.value, other.result->usage.prompt.value - 1);
  const Asked fresh = ask(*make_model(k_starter), chat("Explain this code.\ny = 2", 4));
  EXPECT_EQ(other.text, fresh.text);
}

TEST(Generation, StreamsWholeCharacters) {
  const auto model = make_model(k_starter);
  protocol::Generate request = chat("x", 64);
  request.sampling.grammar = "root ::= \"żółw 😀 漢字\"";
  const Asked asked = ask(*model, request);
  ASSERT_TRUE(asked.result) << asked.result.error().message;
  EXPECT_EQ(asked.text, "żółw 😀 漢字");
  EXPECT_GT(asked.pieces.size(), 3u);
  for (const std::string& piece : asked.pieces) EXPECT_EQ(base::find_invalid_utf8(piece), std::nullopt);
  EXPECT_EQ(asked.result->stop, StopReason::end);
}

TEST(Generation, StopsWhereItIsTold) {
  const auto model = make_model(k_starter);
  protocol::Generate request = chat("x", 3);
  request.sampling.grammar = "root ::= [a-z]+";
  const Asked cut = ask(*model, request);
  EXPECT_EQ(cut.result->stop, StopReason::max_tokens);
  EXPECT_EQ(cut.result->usage.completion.value, 3);
  request.max_tokens = base::TokenCount(200);
  request.sampling.grammar = "root ::= \"one STOP two\"";
  request.stop = {"STOP"};
  const Asked stopped = ask(*model, request);
  EXPECT_EQ(stopped.result->stop, StopReason::stop_text);
  EXPECT_EQ(stopped.text, "one ");
}

TEST(Generation, APromptThatDoesNotFitIsRefusedWithTheNumbers) {
  const auto model = make_model(k_starter);
  std::string text;
  for (int i = 0; i < 2000; ++i) text += fmt::format("value_{} = {}\n", i, i);
  const Asked asked = ask(*model, chat(text));
  ASSERT_FALSE(asked.result);
  EXPECT_EQ(asked.result.error().kind, base::ErrorKind::too_large);
  EXPECT_NE(asked.result.error().message.find("the context window 2 048"), std::string::npos)
      << asked.result.error().message;
  EXPECT_TRUE(ask(*model, chat("still works", 2)).result);
}

TEST(Generation, TheAnswerEndsWhereTheContextDoes) {
  const auto model = make_model(k_starter, 256);
  protocol::Generate request = chat("x", 5000);
  request.sampling.grammar = "root ::= [a-z]+";
  const Asked asked = ask(*model, request);
  ASSERT_TRUE(asked.result);
  EXPECT_EQ(asked.result->stop, StopReason::context_full);
  EXPECT_LE(asked.result->usage.prompt.value + asked.result->usage.completion.value, 256);
}

TEST(Generation, CancelBeforeTheFirstTokenLeavesTheModelUsable) {
  const auto model = make_model(k_starter);
  const base::CancelToken cancel;
  cancel.request();
  const Asked asked = ask(*model, chat("Explain this code."), cancel);
  ASSERT_TRUE(asked.result);
  EXPECT_EQ(asked.result->stop, StopReason::cancelled);
  EXPECT_EQ(asked.text, "");
  const Asked next = ask(*model, chat("Explain this code."));
  EXPECT_EQ(next.text, ask(*make_model(k_starter), chat("Explain this code.")).text);
}

TEST(SharedGeneration, CancelDuringPrefillTakesEffectSoon) {
  OC_NEED_FILE(k_tiny);
  const auto model = make_model(k_tiny);
  std::string text;
  for (int i = 0; i < 2500; ++i) text += fmt::format("value_{} = {}\n", i, i);
  const base::CancelToken cancel;
  base::Stopwatch since_cancel;
  std::thread canceller([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    since_cancel = base::Stopwatch();
    cancel.request();
  });
  protocol::Generate request = chat(text);
  const Asked asked = ask(*model, request, cancel);
  const double waited_ms = since_cancel.elapsed_ms();
  canceller.join();
  ASSERT_TRUE(asked.result) << asked.result.error().message;
  ASSERT_EQ(asked.result->stop, StopReason::cancelled) << "the prefill was over before it was cancelled";
  EXPECT_LT(waited_ms,
            250 * 4);  // the promise is 250 ms; four times that on a machine where tests run beside each other
}

TEST(SharedGeneration, TheContextGrowsToTheNeed) {
  OC_NEED_FILE(k_tiny);
  const auto model = make_model(k_tiny);
  EXPECT_EQ(model->context_limit(), 32768);
  const Asked small = ask(*model, chat("x", 1));
  EXPECT_EQ(small.result->context_tokens, inference::k_usual_context);
  protocol::Generate request = chat("x", 9000);
  request.sampling.grammar = "root ::= \"a\"";
  const Asked large = ask(*model, request);
  EXPECT_GT(large.result->context_tokens, 9000);
}

}  // namespace
}  // namespace oc::tests
