// SPDX-License-Identifier: Apache-2.0
#include "llama/speed.hpp"

#include <llama.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

// As the engine's own calls are: one block of a prompt. Half of it where a whole one takes more than some seconds.
constexpr int k_block = 256;
constexpr int k_small_block = 128;
constexpr double k_patience_for_block_ms = 4000;
constexpr int k_warm_up_tokens = 64;
constexpr int k_most_blocks = 5, k_fewest_blocks = 3;
constexpr double k_prefill_budget_ms = 10'000;
constexpr int k_most_decoded = 16, k_fewest_decoded = 8;
constexpr double k_decode_budget_ms = 6000;

struct FreeModel {
  void operator()(llama_model* model) const { llama_model_free(model); }
};
struct FreeContext {
  void operator()(llama_context* context) const { llama_free(context); }
};

std::unique_ptr<llama_model, FreeModel> load(const protocol::MeasureJob& job) {
  llama_model_params parameters = llama_model_default_params();
  parameters.n_gpu_layers = 0;
  parameters.load_mode = LLAMA_LOAD_MODE_MMAP;
  parameters.use_extra_bufts = job.layout == protocol::WeightLayout::repacked;
  return std::unique_ptr<llama_model, FreeModel>(
      llama_model_load_from_file(base::to_utf8(job.file).c_str(), parameters));
}

std::unique_ptr<llama_context, FreeContext> make_context(llama_model& model, int threads) {
  llama_context_params parameters = llama_context_default_params();
  parameters.n_ctx = 2 * k_block;
  parameters.n_batch = k_block;
  parameters.n_ubatch = k_block;
  parameters.n_seq_max = 1;
  parameters.n_outputs_max = 1;
  parameters.n_threads = threads;
  parameters.n_threads_batch = threads;
  parameters.no_perf = true;
  return std::unique_ptr<llama_context, FreeContext>(llama_init_from_model(&model, parameters));
}

// Runs calls on one context and keeps their times.
class Trial {
 public:
  Trial(llama_context& context, int vocabulary) : context_(context), vocabulary_(vocabulary) {}

  // Milliseconds of one call of `count` tokens at `position`; what was there from it on is forgotten.
  base::Result<double> run(int count, int position) {
    llama_memory_seq_rm(llama_get_memory(&context_), 0, position, -1);
    std::vector<llama_token> tokens;
    for (int i = 0; i < count; ++i) tokens.push_back(next_token());
    const base::Stopwatch watch;
    const std::int32_t code = llama_decode(&context_, llama_batch_get_one(tokens.data(), count));
    if (code == 0) (void)llama_get_logits_ith(&context_, -1);  // waits for the work
    if (code != 0)
      return base::fail(base::ErrorKind::engine,
                        fmt::format("libllama could not compute {} tokens: {}", count, last_error_line()));
    return watch.elapsed_ms();
  }

 private:
  // Speed does not depend on which tokens these are, only the order of reads from the embedding table does.
  llama_token next_token() {
    state_ = state_ * 1664525u + 1013904223u;
    return static_cast<llama_token>((state_ >> 8) % static_cast<std::uint32_t>(vocabulary_));
  }

  llama_context& context_;
  int vocabulary_;
  std::uint32_t state_ = 1;
};

base::Result<std::vector<double>> measure_prefill(Trial& trial) {
  OC_CHECK(trial.run(k_warm_up_tokens, 0));  // brings the file's pages into memory
  OC_TRY(const double warm_up_ms, trial.run(k_warm_up_tokens, 0));
  const int block = warm_up_ms * k_block / k_warm_up_tokens > k_patience_for_block_ms ? k_small_block : k_block;
  std::vector<double> speeds;
  const base::Stopwatch watch;
  for (int i = 0; i < k_most_blocks && (i < k_fewest_blocks || watch.elapsed_ms() < k_prefill_budget_ms); ++i) {
    OC_TRY(const double ms, trial.run(block, 0));
    speeds.push_back(block * 1000 / std::max(ms, 1e-3));
  }
  return speeds;
}

base::Result<std::vector<double>> measure_decode(Trial& trial) {
  OC_CHECK(trial.run(1, k_warm_up_tokens));
  std::vector<double> speeds;
  const base::Stopwatch watch;
  for (int i = 0; i < k_most_decoded && (i < k_fewest_decoded || watch.elapsed_ms() < k_decode_budget_ms); ++i) {
    OC_TRY(const double ms, trial.run(1, k_warm_up_tokens + 1 + i));
    speeds.push_back(1000 / std::max(ms, 1e-3));
  }
  return speeds;
}

}  // namespace

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

base::Result<protocol::Speed> measure_speed(const protocol::MeasureJob& job) {
  forget_error_line();
  const base::Stopwatch watch;
  const auto model = load(job);
  if (!model) {
    const std::string reason = last_error_line();
    return base::fail(
        base::ErrorKind::model,
        fmt::format("cannot load {}: {}", base::display(job.file), reason.empty() ? "libllama gave no reason" : reason),
        "the file is damaged or made for another version: get it again");
  }
  const int vocabulary = llama_vocab_n_tokens(llama_model_get_vocab(model.get()));
  if (vocabulary <= 0)
    return base::fail(base::ErrorKind::model, fmt::format("{} has no vocabulary", base::display(job.file)));
  protocol::Speed speed;
  speed.load_ms = watch.elapsed_ms();
  const auto context = make_context(*model, job.threads);
  if (!context)
    return base::fail(base::ErrorKind::model,
                      fmt::format("cannot make a context for {}: {}", base::display(job.file), last_error_line()));
  Trial trial(*context, vocabulary);
  OC_TRY(const auto prefills, measure_prefill(trial));
  OC_TRY(const auto decodes, measure_decode(trial));
  speed.prefill_tokens_per_second = std::ranges::max(prefills);
  speed.decode_tokens_per_second = std::ranges::max(decodes);
  speed.steadiness =
      std::min(median(prefills) / speed.prefill_tokens_per_second, median(decodes) / speed.decode_tokens_per_second);
  return speed;
}

}  // namespace oc::llama
