// SPDX-License-Identifier: Apache-2.0
// A small model that guesses what a large one will say. Its guesses are checked like any others, so that all it may
// cost is time and memory: it reads only the end of a prompt, into a small KV cache of its own.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "base/error.hpp"
#include "llama/context.hpp"
#include "llama/model.hpp"

namespace oc::inference {

class DraftModel {
 public:
  // Cells of its KV cache.
  static constexpr int k_context = 2048;
  // Asked before it computes: an error when its file is no longer what was loaded.
  using Check = std::function<base::Result<void>()>;

  // Kind `model` when its vocabulary is not that of `target`, or a context cannot be made.
  static base::Result<std::unique_ptr<DraftModel>> create(llama::Model model, const protocol::ModelFacts& facts,
                                                          const llama::Vocabulary& target,
                                                          const llama::ContextOptions& options, Check check);
  // What a draft model needs, in all.
  static base::ByteCount memory_of(const protocol::ModelFacts& facts);
  base::ByteCount memory() const { return memory_of(facts_); }
  base::ByteCount mapped() const { return base::ByteCount(facts_.weight_bytes); }

  struct Guess {
    std::vector<llama::TokenId> tokens;
    double ms = 0;  // it took, without reading what is read once
  };
  // At most `most` tokens that may follow the text (prompt and answer so far, not empty). None when it was stopped or
  // cannot compute.
  Guess propose(std::span<const llama::TokenId> text, std::size_t most, const llama::StopCheck& stop);
  // Milliseconds of a guessed token, as far as it is known; else by the sizes: `target_ms` is one of the target's.
  double token_ms(double target_ms, std::int64_t target_bytes) const;

 private:
  DraftModel(llama::Model model, protocol::ModelFacts facts, llama::Context context, Check check)
      : model_(std::move(model)), facts_(std::move(facts)), context_(std::move(context)), check_(std::move(check)) {}
  // The last `k_window` tokens of the text, or more where they are there.
  std::span<const llama::TokenId> choose_window(std::span<const llama::TokenId> text, std::size_t most) const;
  // Computes what is not there; the row of the last token's logits, -1 when that failed.
  int read(std::span<const llama::TokenId> window, const llama::StopCheck& stop);
  bool decode(std::span<const llama::TokenId> tokens, const llama::StopCheck& stop);

  llama::Model model_;
  protocol::ModelFacts facts_;
  llama::Context context_;  // must go before model_
  Check check_;
  std::size_t begin_ = 0;               // of the text: where tokens_ begins
  std::vector<llama::TokenId> tokens_;  // in the KV cache
  double token_ms_ = 0;
};

}  // namespace oc::inference
