// SPDX-License-Identifier: Apache-2.0
#include "llama/context.hpp"

#include <llama.h>

#include <fmt/format.h>

#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

bool wants_stop(void* user) { return (*static_cast<const StopCheck*>(user))(); }

}  // namespace

std::int64_t estimate_buffer_bytes(std::int64_t vocabulary, std::int64_t embedding, std::int64_t feed_forward) {
  constexpr std::int64_t k_float = 4;
  const std::int64_t logits = 2 * std::int64_t{k_most_logits} * vocabulary * k_float;
  const std::int64_t activations = k_block_tokens * (8 * embedding + 2 * feed_forward) * k_float;
  constexpr std::int64_t k_fixed = 60'000'000;
  return logits + activations + k_fixed;
}

std::int64_t kv_bytes(std::int64_t bytes_of_f16, KvType type) {
  return type == KvType::f16 ? bytes_of_f16 : bytes_of_f16 / 32 * 17;  // 32 values: 64 bytes, or 32 and a scale of 2
}

std::int64_t score_bytes(int heads, int step_tokens) {
  constexpr std::int64_t k_float = 4;
  return k_float * heads * step_tokens;
}

void Context::Deleter::operator()(llama_context* context) const { llama_free(context); }

base::Result<Context> Context::create(const Model& model, const ContextOptions& options) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = static_cast<std::uint32_t>(options.tokens);
  parameters.n_batch = k_block_tokens;
  parameters.n_ubatch = static_cast<std::uint32_t>(options.step_tokens);
  parameters.n_seq_max = k_sequences;
  parameters.kv_unified = true;  // sequences share cells, and one of them alone may have all
  // 0 (libllama's default: a row for each token of a batch) costs 260 MB with Qwen's vocabulary.
  parameters.n_outputs_max = k_most_logits;
  parameters.n_threads = options.decode_threads;
  parameters.n_threads_batch = options.prefill_threads;
  parameters.no_perf = true;
  if (options.kv_type == KvType::q8_0) parameters.type_k = parameters.type_v = GGML_TYPE_Q8_0;
  if (options.attention == Attention::plain) parameters.flash_attn_type = LLAMA_FLASH_ATTN_TYPE_DISABLED;
  forget_error_line();
  std::unique_ptr<llama_context, Deleter> context(llama_init_from_model(model.get(), parameters));
  if (!context)
    return base::fail(base::ErrorKind::model,
                      fmt::format("cannot make a context of {} tokens: {}", options.tokens, last_error_line()),
                      "ask for a smaller one with --context");
  return Context(std::move(context), model.vocabulary().size(), options);
}

base::Result<Context::Outcome> Context::decode(std::span<const Row> rows, const StopCheck& stop) {
  // libllama takes the callback's data as a mutable pointer and only hands it back.
  llama_set_abort_callback(context_.get(), wants_stop, const_cast<StopCheck*>(&stop));
  llama_batch batch = llama_batch_init(static_cast<std::int32_t>(rows.size()), 0, 1);
  batch.n_tokens = static_cast<std::int32_t>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    batch.token[i] = rows[i].token;
    batch.pos[i] = rows[i].position;
    batch.n_seq_id[i] = 1;
    batch.seq_id[i][0] = rows[i].sequence;
    batch.logits[i] = rows[i].logits == Row::Logits::wanted ? 1 : 0;
  }
  const ErrorCapture capture;
  const std::int32_t code = llama_decode(context_.get(), batch);
  llama_batch_free(batch);
  llama_set_abort_callback(context_.get(), nullptr, nullptr);
  if (code == 0) return Outcome::done;
  for (const Row& row : rows) truncate(row.sequence, row.position);
  if (code == 2) return Outcome::stopped;
  if (code == 1)
    return base::fail(base::ErrorKind::too_large, fmt::format("the context of {} tokens is full", context_tokens()));
  return base::fail(base::ErrorKind::engine, fmt::format("libllama could not decode {} tokens at {}: {}", rows.size(),
                                                         rows.front().position, last_error_line()));
}

std::span<const float> Context::logits(int row) const {
  return {llama_get_logits_ith(context_.get(), row), static_cast<std::size_t>(vocabulary_)};
}

void Context::truncate(int sequence, int position) {
  llama_memory_seq_rm(llama_get_memory(context_.get()), sequence, position, -1);
}

void Context::share(int from, int to, int begin, int end) {
  llama_memory_seq_cp(llama_get_memory(context_.get()), from, to, begin, end);
}

void Context::move(int sequence, int begin, int distance) {
  llama_memory_seq_add(llama_get_memory(context_.get()), sequence, begin, -1, distance);
}

bool Context::can_move() const { return llama_memory_can_shift(llama_get_memory(context_.get())); }

std::string Context::save(int sequence) {
  std::string state(llama_state_seq_get_size(context_.get(), sequence), '\0');
  state.resize(
      llama_state_seq_get_data(context_.get(), reinterpret_cast<std::uint8_t*>(state.data()), state.size(), sequence));
  return state;
}

bool Context::restore(int sequence, std::string_view state) {
  if (state.empty()) return false;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(state.data());
  if (llama_state_seq_set_data(context_.get(), bytes, state.size(), sequence) == state.size()) return true;
  truncate(sequence, 0);
  return false;
}

void Context::set_threads(int prefill, int decode) {
  options_.prefill_threads = prefill;
  options_.decode_threads = decode;
  llama_set_n_threads(context_.get(), decode, prefill);
}

bool Context::holds(int sequence, int begin, int end) const {
  const llama_memory_t memory = llama_get_memory(context_.get());
  return llama_memory_seq_pos_min(memory, sequence) == begin && llama_memory_seq_pos_max(memory, sequence) == end - 1;
}

int Context::context_tokens() const { return static_cast<int>(llama_n_ctx(context_.get())); }

}  // namespace oc::llama
