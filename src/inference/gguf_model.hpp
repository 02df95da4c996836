// SPDX-License-Identifier: Apache-2.0
// A GGUF that answers. The caller states the whole prompt; the model reuses the longest common prefix of what its KV
// cache holds and computes the rest in blocks.
#pragma once

#include <optional>

#include "inference/chat_format.hpp"
#include "inference/language_model.hpp"
#include "llama/context.hpp"
#include "llama/model.hpp"
#include "llama/sampler.hpp"

namespace oc::inference {

struct ContextPolicy {
  int context_tokens = 0;  // 0: start with k_usual_context and grow to the need, as far as model and memory allow
  int threads = 1;
  base::ByteCount memory;  // that the engine may use in all
};

// Enough for a few files and a long answer; 470 MB of f16 KV for the 7B.
inline constexpr int k_usual_context = 8192;

class GgufModel final : public LanguageModel {
 public:
  // Kind `model` with the numbers when weights, KV cache and buffers do not fit into the memory.
  static base::Result<std::unique_ptr<GgufModel>> create(llama::Model model, const protocol::ModelFacts& facts,
                                                         const ContextPolicy& policy);

  const protocol::ModelFacts& facts() const override { return facts_; }
  int context_limit() const override { return limit_; }
  int threads() const override { return policy_.threads; }
  base::TokenCount cached() const override { return base::TokenCount(static_cast<std::int64_t>(timeline_.size())); }
  base::Result<base::TokenCount> count(const protocol::Prompt& prompt) override;
  std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) override;
  base::Result<protocol::Generated> generate(const protocol::Generate& request, const ProgressSink& progress,
                                             const TextSink& text, const base::CancelToken& cancel) override;

 private:
  struct Run;  // one request in progress
  GgufModel(llama::Model model, protocol::ModelFacts facts, ContextPolicy policy, int limit);
  base::Result<void> ensure_context(std::int64_t tokens);
  base::Result<llama::Context::Outcome> prefill(Run& run, const ProgressSink& progress);
  base::Result<void> decode_answer(Run& run, llama::Sampler& sampler, const TextSink& text);

  llama::Model model_;
  protocol::ModelFacts facts_;
  ContextPolicy policy_;
  int limit_;
  ChatFormat format_;
  std::optional<llama::Context> context_;  // must go before model_
  std::vector<llama::TokenId> timeline_;   // the tokens in the KV cache, in order
};

// Largest context that fits beside the weights; kind `model` when not even the smallest does, or not the explicit one.
base::Result<int> choose_context_limit(const protocol::ModelFacts& facts, const ContextPolicy& policy);

}  // namespace oc::inference
