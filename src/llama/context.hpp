// SPDX-License-Identifier: Apache-2.0
// One KV cache over a model, shared by several sequences of tokens, and the decoding into it. Belongs to the inference
// thread. Sequences are numbers from 0; who uses which is the caller's business.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "llama/model.hpp"

struct llama_context;

namespace oc::llama {

// Tokens in one call of llama_decode at most. Small: the abort callback drops the call's work, and buffers grow with
// it.
inline constexpr int k_block_tokens = 256;
// Of them so many go through the layers together, unless the calibration finds another number to be faster: what is
// interrupted loses no more than that. At least 64, the least rows for flash attention's tiled path; speed is flat from
// 128 up (inference notes §3.3).
inline constexpr int k_usual_step_tokens = 128;
// Sequences of a context.
inline constexpr int k_sequences = 20;
// Rows whose logits one call may compute. libllama aborts the process when there are more.
inline constexpr int k_most_logits = 64;

// Compute buffers that a context of this project allocates, in bytes: logits of the outputs, activations of one block,
// and about 60 MB of vocabulary and heap. Within 20 % of what was seen on the 0.5B, 1.5B and 7B shapes.
std::int64_t estimate_buffer_bytes(std::int64_t vocabulary, std::int64_t embedding, std::int64_t feed_forward);

// How keys and values are kept: q8_0 takes 17/32 of the memory of f16, reads prompts some 6 % slower, and is nearly as
// exact (inference notes §3.3).
enum class KvType { f16, q8_0 };
std::int64_t kv_bytes(std::int64_t bytes_of_f16, KvType type);
// flash: attention in one pass over keys and values, as libllama chooses by itself; needed for q8_0. plain: by way of a
// matrix of all scores, which takes memory for each cell, and keeps values in another order.
enum class Attention { flash, plain };
// What plain attention needs for each cell of the cache.
std::int64_t score_bytes(int heads, int step_tokens);

struct ContextOptions {
  int tokens = 0;           // cells of the KV cache, for all sequences together
  int prefill_threads = 1;  // calls of more than one row
  int decode_threads = 1;
  KvType kv_type = KvType::f16;
  int step_tokens = k_usual_step_tokens;  // that go through the layers together: libllama's n_ubatch
  Attention attention = Attention::flash;
};

// One token to compute. The positions of a sequence follow each other without a gap.
struct Row {
  TokenId token = 0;
  int position = 0;
  int sequence = 0;
  enum class Logits { unwanted, wanted } logits = Logits::unwanted;
};

// Asked at every graph node (≤ 100 ms for the 7B) while a call runs; must be quick and must not throw.
using StopCheck = std::function<bool()>;

class Context {
 public:
  // Allocates the KV cache. Kind `model` when memory or the model does not allow it. `model` must outlive the context.
  static base::Result<Context> create(const Model& model, const ContextOptions& options);

  enum class Outcome { done, stopped };
  // Computes the rows in one call: at most k_block_tokens of them, at most k_most_logits with logits. When it is
  // stopped or fails the cache holds what it held before. Kinds: `too_large` (the cache is full), `engine`.
  base::Result<Outcome> decode(std::span<const Row> rows, const StopCheck& stop);
  // Logits of row `row` of the last call, one for each token of the vocabulary; valid until the next call.
  std::span<const float> logits(int row) const;

  // Forgets the tokens of a sequence from `position` on.
  void truncate(int sequence, int position);
  // Cells of [begin, end) belong to `to` as well; nothing is copied. `to` must hold none of these positions.
  void share(int from, int to, int begin, int end);
  // The tokens of a sequence from `begin` on get positions that are higher by `distance` (may be negative). Their keys
  // are turned at the next call; values stay as computed, so what follows is an approximation.
  void move(int sequence, int begin, int distance);
  bool can_move() const;

  // The cells of a sequence as bytes for restore(): only for a context of the same model with the same kind of cache.
  // "" when libllama does not give them.
  std::string save(int sequence);
  // Puts saved cells into an empty sequence; false when libllama does not take them (the sequence is then empty).
  bool restore(int sequence, std::string_view state);
  // The first and the last position of a sequence are those of [begin, end). Looks at all cells: about 10 µs.
  bool holds(int sequence, int begin, int end) const;

  int context_tokens() const;
  void set_threads(int prefill, int decode);
  const ContextOptions& options() const { return options_; }

 private:
  struct Deleter {
    void operator()(llama_context* context) const;
  };
  Context(std::unique_ptr<llama_context, Deleter> context, int vocabulary, const ContextOptions& options)
      : context_(std::move(context)), vocabulary_(vocabulary), options_(options) {}

  std::unique_ptr<llama_context, Deleter> context_;
  int vocabulary_ = 0;
  ContextOptions options_;
};

}  // namespace oc::llama
