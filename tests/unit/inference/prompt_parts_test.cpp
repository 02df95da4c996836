// SPDX-License-Identifier: Apache-2.0
#include "inference/prompt_parts.hpp"

#include <gtest/gtest.h>

#include <random>

namespace oc::inference {
namespace {

constexpr std::size_t k_most = 256;

std::vector<Part> parts_of(const EncodedPrompt& prompt) {
  kv::Chain chain("test");
  return split_into_parts(prompt, k_most, chain);
}

std::vector<std::size_t> ends_of(const EncodedPrompt& prompt) {
  std::vector<std::size_t> ends;
  for (const Part& part : parts_of(prompt)) ends.push_back(part.end);
  return ends;
}

EncodedPrompt prompt_of(std::size_t length, std::vector<std::size_t> segments = {}) {
  EncodedPrompt prompt;
  for (std::size_t i = 0; i < length; ++i) prompt.tokens.push_back(static_cast<llama::TokenId>(i));
  prompt.segments = std::move(segments);
  return prompt;
}

using Ends = std::vector<std::size_t>;

TEST(PromptParts, CutsWherePartsAreLongEnough) {
  EXPECT_EQ(ends_of(prompt_of(0)), Ends{});
  EXPECT_EQ(ends_of(prompt_of(1)), Ends{1});
  EXPECT_EQ(ends_of(prompt_of(2)), Ends{2});
  EXPECT_EQ(ends_of(prompt_of(600)), (Ends{256, 512, 600}));
  EXPECT_EQ(ends_of(prompt_of(257)), (Ends{256, 257}));
}

TEST(PromptParts, CutsWhereSegmentsBeginUnlessThePartWouldBeTiny) {
  EXPECT_EQ(ends_of(prompt_of(600, {100, 105, 300})), (Ends{100, 300, 556, 600}));
  EXPECT_EQ(ends_of(prompt_of(600, {258})), (Ends{256, 512, 600}));
}

TEST(PromptParts, AShortSegmentIsOnePartWhereverItBegins) {
  EXPECT_EQ(ends_of(prompt_of(1049, {1014})), (Ends{256, 512, 768, 1014, 1049}));
}

TEST(PromptParts, AnswersAreTheirOwnParts) {
  EncodedPrompt prompt = prompt_of(600);
  prompt.answers = {{100, 300}};
  const auto parts = parts_of(prompt);
  EXPECT_EQ(ends_of(prompt), (Ends{100, 299, 300, 556, 600}));
  for (const Part& part : parts)
    EXPECT_EQ(part.origin, part.begin >= 100 && part.end <= 300 ? kv::Origin::answer : kv::Origin::prompt);
}

// What two prompts have in common is cut alike, whatever follows: only so can one use what the other computed.
TEST(PromptParts, WhatIsCommonIsCutAlike) {
  std::mt19937 random(11);
  for (int round = 0; round < 300; ++round) {
    const std::size_t common = 30 + random() % 900;
    std::vector<std::size_t> segments;
    for (std::size_t at = random() % 90; at < common; at += 1 + random() % 200) segments.push_back(at);
    const auto with_tail = [&](std::size_t length, llama::TokenId filler) {
      EncodedPrompt prompt = prompt_of(common, segments);
      prompt.tokens.resize(common + length, filler);
      prompt.segments.push_back(common);
      return parts_of(prompt);
    };
    const auto one = with_tail(2 + random() % 300, 1), other = with_tail(2 + random() % 300, 2);
    std::size_t same = 0;
    while (same < std::min(one.size(), other.size()) && one[same].key == other[same].key) ++same;
    ASSERT_GT(same, 0u);
    EXPECT_GE(one[same - 1].end + 16, common) << "the beginning of the last segment, but for a tiny part";
  }
}

TEST(PromptParts, KeysTellEverythingApart) {
  const auto key = [](const EncodedPrompt& prompt) { return parts_of(prompt).back().key; };
  const auto base = key(prompt_of(300));
  EncodedPrompt other = prompt_of(300);
  other.tokens[5] = 7777;
  EXPECT_NE(key(other), base);
  EXPECT_NE(key(prompt_of(301)), base);
  EXPECT_NE(key(prompt_of(300, {100})), base) << "cut elsewhere it is computed otherwise";
  kv::Chain chain("another model");
  EXPECT_NE(split_into_parts(prompt_of(300), k_most, chain).back().key, base);
}

TEST(PromptParts, NoPartIsLongerThanIsAskedFor) {
  for (const Part& part : parts_of(prompt_of(5000, {1, 999, 2001}))) EXPECT_LE(part.end - part.begin, k_most);
}

}  // namespace
}  // namespace oc::inference
