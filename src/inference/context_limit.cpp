// SPDX-License-Identifier: Apache-2.0
// The memory check before a model is loaded.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "inference/gguf_model.hpp"

namespace oc::inference {
namespace {

// Below this a prompt with one file and an answer makes no sense.
constexpr int k_smallest_context = 1024;

std::int64_t memory_needed(const protocol::ModelFacts& facts, std::int64_t context) {
  return facts.weight_bytes + facts.buffer_bytes + context * facts.kv_bytes_per_token;
}

}  // namespace

base::Error too_little_memory(const protocol::ModelFacts& of_f16, int context, llama::KvType kv_type,
                              base::ByteCount available) {
  protocol::ModelFacts facts = of_f16;
  facts.kv_bytes_per_token = llama::kv_bytes(of_f16.kv_bytes_per_token, kv_type);
  using base::ByteCount;
  const auto text = [](std::int64_t bytes) { return base::format_bytes(ByteCount(bytes)); };
  return {base::ErrorKind::model,
          fmt::format("{} needs {} of memory (weights {}, KV cache of {} tokens {}, buffers {}), {} are available",
                      base::in_quotes(facts.name), text(memory_needed(facts, context)), text(facts.weight_bytes),
                      base::format_count(context), text(context * facts.kv_bytes_per_token), text(facts.buffer_bytes),
                      base::format_bytes(available)),
          context > k_smallest_context
              ? "close other programs, ask for a smaller context with --context, or use a smaller model"
              : "close other programs, or use a smaller model"};
}

std::int64_t cell_bytes(const protocol::ModelFacts& facts, const ContextPolicy& policy) {
  const bool is_plain = policy.attention == llama::Attention::plain;
  return llama::kv_bytes(facts.kv_bytes_per_token, policy.kv_type) +
         (is_plain ? llama::score_bytes(facts.heads, policy.step_tokens) : 0);
}

llama::KvType choose_kv_type(const protocol::ModelFacts& facts, const ContextPolicy& policy) {
  ContextPolicy full = policy;
  full.kv_type = llama::KvType::f16;
  const auto limit = choose_context_limit(facts, full);
  const int trained = facts.context_trained > 0 ? facts.context_trained : k_usual_context;
  const bool is_enough = limit && (policy.context_tokens > 0 || *limit >= std::min(k_usual_context, trained));
  return is_enough ? llama::KvType::f16 : llama::KvType::q8_0;
}

base::Result<int> choose_context_limit(const protocol::ModelFacts& of_f16, const ContextPolicy& policy) {
  protocol::ModelFacts facts = of_f16;
  facts.kv_bytes_per_token = cell_bytes(of_f16, policy);
  const int trained = facts.context_trained > 0 ? facts.context_trained : k_usual_context;
  if (policy.context_tokens > trained)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("a context of {} tokens is more than {} was trained for ({})",
                                  base::format_count(policy.context_tokens), base::in_quotes(facts.name),
                                  base::format_count(trained)),
                      fmt::format("use --context {} or less", trained));
  if (policy.context_tokens > 0) {
    if (memory_needed(facts, policy.context_tokens) > policy.memory.value)
      return std::unexpected(too_little_memory(of_f16, policy.context_tokens, policy.kv_type, policy.memory));
    return policy.context_tokens;
  }
  const int smallest = std::min(k_smallest_context, trained);
  if (memory_needed(facts, smallest) > policy.memory.value)
    return std::unexpected(too_little_memory(of_f16, smallest, policy.kv_type, policy.memory));
  if (facts.kv_bytes_per_token <= 0) return trained;
  const std::int64_t room = (policy.memory.value - memory_needed(facts, 0)) / facts.kv_bytes_per_token;
  const std::int64_t whole = std::max<std::int64_t>(smallest, room / k_smallest_context * k_smallest_context);
  return static_cast<int>(std::min<std::int64_t>(whole, trained));
}

}  // namespace oc::inference
