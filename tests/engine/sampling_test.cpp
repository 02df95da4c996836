// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/models.hpp"

namespace oc::tests {
namespace {

protocol::Generate sampled(double temperature, std::uint32_t seed) {
  protocol::Generate request = chat("Write a Python class.", 24);
  request.sampling.temperature = temperature;
  request.sampling.top_k = 0;
  request.sampling.top_p = 1;
  request.sampling.min_p = 0;
  request.sampling.seed = seed;
  return request;
}

TEST(Sampling, TheSeedDecides) {
  const auto model = make_model(k_starter);
  const std::string first = ask(*model, sampled(1.5, 1)).text;
  EXPECT_EQ(ask(*model, sampled(1.5, 1)).text, first);
  EXPECT_NE(ask(*model, sampled(1.5, 2)).text, first);
}

TEST(Sampling, TopKOfOneIsGreedy) {
  const auto model = make_model(k_starter);
  protocol::Generate request = sampled(5, 7);
  request.sampling.top_k = 1;
  EXPECT_EQ(ask(*model, request).text, ask(*model, sampled(0, 0)).text);
}

TEST(Sampling, AGrammarRules) {
  const auto model = make_model(k_starter);
  for (const double temperature : {0.0, 1.0}) {
    protocol::Generate request = sampled(temperature, 3);
    request.sampling.grammar = "root ::= (\"yes\" | \"no\") \" \" [0-9] [0-9]";
    const std::string text = ask(*model, request).text;
    EXPECT_TRUE(text.starts_with("yes ") || text.starts_with("no ")) << text;
    EXPECT_TRUE(std::isdigit(static_cast<unsigned char>(text.back()))) << text;
  }
}

// The name of a special token is no text, though a grammar would take it for some: an answer ends where the grammar
// does.
TEST(Sampling, NoSpecialTokenEndsAnAnswerThatTheGrammarGoesOnWith) {
  const auto model = make_model(k_starter);
  int ends = 0;
  for (std::uint32_t seed = 1; seed <= 30; ++seed) {
    protocol::Generate request = sampled(2, seed);
    request.max_tokens = base::TokenCount(40);
    request.sampling.grammar = "root ::= [^q]+ \"q\"";
    const Asked asked = ask(*model, request);
    ASSERT_TRUE(asked.result) << asked.result.error().message;
    if (asked.result->stop != protocol::StopReason::end) continue;
    ++ends;
    EXPECT_TRUE(asked.text.ends_with('q')) << seed << ": " << asked.text;
  }
  EXPECT_GT(ends, 0);
}

TEST(Sampling, WrongValuesAreRefusedWithTheirNames) {
  const auto model = make_model(k_starter);
  const auto refusal = [&](const auto& change) {
    protocol::Generate request = chat("x", 2);
    change(request.sampling);
    const Asked asked = ask(*model, request);
    EXPECT_FALSE(asked.result);
    EXPECT_EQ(asked.result.error().kind, base::ErrorKind::usage);
    return asked.result.error().message;
  };
  EXPECT_EQ(refusal([](auto& s) { s.temperature = -1; }), "temperature is -1, it must be between 0 and 10");
  EXPECT_EQ(refusal([](auto& s) { s.top_p = 1.5; }), "top_p is 1.5, it must be between 0 and 1");
  EXPECT_NE(refusal([](auto& s) { s.grammar = "root ::= undefined"; }).find("GBNF"), std::string::npos);
  const std::string nested = "root ::= " + std::string(5000, '(') + "\"a\"" + std::string(5000, ')');
  EXPECT_NE(refusal([&](auto& s) { s.grammar = nested; }).find("nested"), std::string::npos);
  EXPECT_NE(refusal([](auto& s) { s.grammar.assign(70'000, ' '); }).find("70000 bytes"), std::string::npos);
}

}  // namespace
}  // namespace oc::tests
