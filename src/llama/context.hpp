// SPDX-License-Identifier: Apache-2.0
// One KV cache with one sequence over a model, and the decoding into it. Belongs to the inference thread.
#pragma once

#include <atomic>
#include <memory>
#include <span>

#include "base/error.hpp"
#include "llama/model.hpp"

struct llama_context;

namespace oc::llama {

// Tokens in one call of llama_decode. Small: the abort callback drops the call's work, and buffers grow with it; at
// least 64, the least rows for flash attention's tiled path; speed is flat from 128 up (inference notes §3.3).
inline constexpr int k_block_tokens = 256;

// Compute buffers that a context of this project allocates, in bytes: logits of the outputs, activations of one block,
// and about 60 MB of vocabulary and heap. Within 20 % of what was seen on the 0.5B, 1.5B and 7B shapes.
std::int64_t estimate_buffer_bytes(std::int64_t vocabulary, std::int64_t embedding, std::int64_t feed_forward);

class Context {
 public:
  // Allocates the KV cache for `context_tokens`. Kind `model` when memory or the model does not allow it.
  // `model` must outlive the context.
  static base::Result<Context> create(const Model& model, int context_tokens, int threads);

  enum class Outcome { done, stopped };
  // Appends tokens at `position` (= tokens in the cache) and computes the logits of the last one. At most
  // k_block_tokens tokens. Stops within one graph node (≤ 100 ms for the 7B) when `stop` becomes true; the cache then
  // holds what it held before.
  base::Result<Outcome> decode(std::span<const TokenId> tokens, int position, const std::atomic<bool>& stop);
  // Logits of the last decoded token, one for each token of the vocabulary; valid until the next decode.
  std::span<const float> logits() const;
  // Forgets all tokens from `position` on.
  void truncate(int position);
  int context_tokens() const;
  int threads() const;

 private:
  struct Deleter {
    void operator()(llama_context* context) const;
  };
  Context(std::unique_ptr<llama_context, Deleter> context, int vocabulary)
      : context_(std::move(context)), vocabulary_(vocabulary) {}

  std::unique_ptr<llama_context, Deleter> context_;
  int vocabulary_ = 0;
};

}  // namespace oc::llama
