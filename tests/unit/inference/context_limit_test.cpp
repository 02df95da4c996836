// SPDX-License-Identifier: Apache-2.0
#include "inference/gguf_model.hpp"

#include <gtest/gtest.h>

namespace oc::inference {
namespace {

// Figures of Qwen2.5-Coder-7B Q4_K_M.
protocol::ModelFacts seven_billion() {
  protocol::ModelFacts facts;
  facts.name = "7b";
  facts.context_trained = 32768;
  facts.weight_bytes = 4'680'000'000;
  facts.kv_bytes_per_token = 57'344;
  facts.buffer_bytes = 180'000'000;
  return facts;
}

ContextPolicy with_memory(std::int64_t bytes, int context = 0) { return {context, 2, 2, base::ByteCount(bytes)}; }

TEST(ContextLimit, AutomaticIsWhatTheMemoryAllows) {
  EXPECT_EQ(*choose_context_limit(seven_billion(), with_memory(16'000'000'000)), 32768);
  const int in_six = *choose_context_limit(seven_billion(), with_memory(6'000'000'000));
  EXPECT_GE(in_six, 8192);
  EXPECT_LE(4'680'000'000 + 180'000'000 + std::int64_t{in_six} * 57'344, 6'000'000'000);
}

TEST(ContextLimit, TheCacheIsQuantisedOnlyWhereItHasToBe) {
  using llama::KvType;
  EXPECT_EQ(choose_kv_type(seven_billion(), with_memory(16'000'000'000)), KvType::f16);
  EXPECT_EQ(choose_kv_type(seven_billion(), with_memory(5'400'000'000)), KvType::f16) << "8 192 tokens fit";
  EXPECT_EQ(choose_kv_type(seven_billion(), with_memory(5'200'000'000)), KvType::q8_0);
  EXPECT_EQ(choose_kv_type(seven_billion(), with_memory(5'400'000'000, 16'384)), KvType::q8_0) << "asked for";
  ContextPolicy quantised = with_memory(5'200'000'000);
  const int full = *choose_context_limit(seven_billion(), quantised);
  quantised.kv_type = KvType::q8_0;
  EXPECT_GT(*choose_context_limit(seven_billion(), quantised), full * 3 / 2);
}

TEST(ContextLimit, TooLittleMemoryIsAnErrorWithTheNumbers) {
  const auto limit = choose_context_limit(seven_billion(), with_memory(4'000'000'000));
  ASSERT_FALSE(limit);
  EXPECT_EQ(limit.error().kind, base::ErrorKind::model);
  EXPECT_EQ(limit.error().message,
            "'7b' needs 4.92 GB of memory (weights 4.68 GB, KV cache of 1 024 tokens 58.7 MB, buffers 180 MB), 4.00 GB "
            "are available");
}

TEST(ContextLimit, AnExplicitOneIsNeverMadeSmaller) {
  EXPECT_EQ(*choose_context_limit(seven_billion(), with_memory(16'000'000'000, 4096)), 4096);
  EXPECT_EQ(choose_context_limit(seven_billion(), with_memory(5'000'000'000, 8192)).error().kind,
            base::ErrorKind::model);
  EXPECT_EQ(choose_context_limit(seven_billion(), with_memory(16'000'000'000, 40'000)).error().kind,
            base::ErrorKind::usage);
}

TEST(ContextLimit, ASmallModelsOwnContextIsTheLimit) {
  protocol::ModelFacts facts = seven_billion();
  facts.context_trained = 512;
  EXPECT_EQ(*choose_context_limit(facts, with_memory(16'000'000'000)), 512);
}

}  // namespace
}  // namespace oc::inference
