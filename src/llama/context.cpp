// SPDX-License-Identifier: Apache-2.0
#include "llama/context.hpp"

#include <llama.h>

#include <fmt/format.h>

#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

// Rows of logits kept at once. 0 (libllama's default: one for each token of a batch) costs 260 MB with Qwen's
// vocabulary.
constexpr std::uint32_t k_outputs = 64;

bool wants_stop(void* user) { return static_cast<const std::atomic<bool>*>(user)->load(std::memory_order_relaxed); }

}  // namespace

std::int64_t estimate_buffer_bytes(std::int64_t vocabulary, std::int64_t embedding, std::int64_t feed_forward) {
  constexpr std::int64_t k_float = 4;
  const std::int64_t logits = 2 * std::int64_t{k_outputs} * vocabulary * k_float;
  const std::int64_t activations = k_block_tokens * (8 * embedding + 2 * feed_forward) * k_float;
  constexpr std::int64_t k_fixed = 60'000'000;
  return logits + activations + k_fixed;
}

void Context::Deleter::operator()(llama_context* context) const { llama_free(context); }

base::Result<Context> Context::create(const Model& model, int context_tokens, int threads) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<std::uint32_t>(context_tokens);
  parameters.n_batch = k_block_tokens;
  parameters.n_ubatch = k_block_tokens;
  parameters.n_seq_max = 1;
  parameters.n_outputs_max = k_outputs;
  parameters.n_threads = threads;
  parameters.n_threads_batch = threads;
  parameters.no_perf = true;
  forget_error_line();
  std::unique_ptr<llama_context, Deleter> context(llama_init_from_model(model.get(), parameters));
  if (!context)
    return base::fail(base::ErrorKind::model,
                      fmt::format("cannot make a context of {} tokens: {}", context_tokens, last_error_line()),
                      "ask for a smaller one with --context");
  return Context(std::move(context), model.vocabulary().size());
}

base::Result<Context::Outcome> Context::decode(std::span<const TokenId> tokens, int position,
                                               const std::atomic<bool>& stop) {
  // libllama takes the callback's data as a mutable pointer and only hands it back.
  llama_set_abort_callback(context_.get(), wants_stop, const_cast<std::atomic<bool>*>(&stop));
  llama_batch batch = llama_batch_init(static_cast<std::int32_t>(tokens.size()), 0, 1);
  batch.n_tokens = static_cast<std::int32_t>(tokens.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    batch.token[i] = tokens[i];
    batch.pos[i] = position + static_cast<llama_pos>(i);
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = 0;
    batch.logits[i] = i + 1 == tokens.size() ? 1 : 0;
  }
  const std::int32_t code = llama_decode(context_.get(), batch);
  llama_batch_free(batch);
  llama_set_abort_callback(context_.get(), nullptr, nullptr);
  if (code == 0) return Outcome::done;
  truncate(position);
  if (code == 2) return Outcome::stopped;
  if (code == 1)
    return base::fail(base::ErrorKind::too_large, fmt::format("the context of {} tokens is full", context_tokens()));
  return base::fail(base::ErrorKind::engine, fmt::format("libllama could not decode {} tokens at {}: {}", tokens.size(),
                                                         position, last_error_line()));
}

std::span<const float> Context::logits() const {
  return {llama_get_logits_ith(context_.get(), -1), static_cast<std::size_t>(vocabulary_)};
}

void Context::truncate(int position) { llama_memory_seq_rm(llama_get_memory(context_.get()), 0, position, -1); }

int Context::context_tokens() const { return static_cast<int>(llama_n_ctx(context_.get())); }
int Context::threads() const { return llama_n_threads(context_.get()); }

}  // namespace oc::llama
