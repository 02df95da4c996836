// SPDX-License-Identifier: Apache-2.0
// A GGUF that answers. The caller states the whole prompt; the model finds what of it has been computed before, in its
// KV cache or in the store, computes the rest in parts, and advances all generations of one priority together.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "inference/chat_format.hpp"
#include "inference/completion_cache.hpp"
#include "inference/draft_model.hpp"
#include "inference/language_model.hpp"
#include "inference/prompt_ends.hpp"
#include "inference/sequence_pool.hpp"
#include "inference/speeds.hpp"
#include "llama/context.hpp"
#include "llama/model.hpp"

namespace oc::inference {

class Calibration;
class GgufGeneration;

// Enough for a few files and a long answer; 470 MB of f16 KV for the 7B.
inline constexpr int k_usual_context = 8192;

struct ContextPolicy {
  int context_tokens = 0;  // 0: start with k_usual_context and grow to the need, as far as model and memory allow
  int prefill_threads = 1;
  int decode_threads = 1;
  base::ByteCount memory;  // that the model may use in all
  bool is_repacked = false;
  llama::KvType kv_type = llama::KvType::f16;
  int first_context = k_usual_context;  // where context_tokens is 0
  int step_tokens = llama::k_usual_step_tokens;
  llama::Attention attention = llama::Attention::flash;
};

// Of a cell of the KV cache, and of what attention needs beside it.
std::int64_t cell_bytes(const protocol::ModelFacts& facts, const ContextPolicy& policy);

// Whether a model may have more memory than it has.
struct MemoryAnswer {
  enum class Verdict {
    granted,
    later,   // others that are in use have it
    refused  // it would have to be more than there is
  } verdict = Verdict::granted;
  base::ByteCount available;  // for this model, in all
};
struct MemoryWish {
  base::ByteCount bytes;  // that the model would have then, in all
  protocol::Priority asking = protocol::Priority::interactive;
  enum class Need { wish, must } need = Need::must;  // wish: not at the cost of other models
};
using AskForMemory = std::function<MemoryAnswer(const MemoryWish& wish)>;

// f16, unless only q8_0 lets the model have the context that was asked for, or the usual one.
llama::KvType choose_kv_type(const protocol::ModelFacts& facts, const ContextPolicy& policy);

class GgufModel final : public LanguageModel {
 public:
  // Kind `model` with the numbers when weights, KV cache and buffers do not fit into the memory. `home.identity` is
  // that of the file; what else decides KV is added here.
  static base::Result<std::unique_ptr<GgufModel>> create(llama::Model model, const protocol::ModelFacts& facts,
                                                         const ContextPolicy& policy, KvHome home = {});
  ~GgufModel() override;

  const protocol::ModelFacts& facts() const override { return facts_; }
  int context_limit() const override { return limit_; }
  int threads() const override { return policy_.decode_threads; }
  base::ByteCount memory() const override;
  base::ByteCount mapped() const override {
    const std::int64_t own = policy_.is_repacked ? 0 : facts_.weight_bytes;
    return base::ByteCount(own + (draft_model_ ? draft_model_->mapped().value : 0));
  }
  void give_spare_back() override;
  bool is_in_use() const override { return !generations_.empty() || !calibrations_.empty(); }
  bool let_go(protocol::Priority asking) override;
  protocol::ReuseFacts reuse() const override { return reuse_; }
  base::TokenCount cached() const override { return base::TokenCount(pool_ ? pool_->tokens() : 0); }
  base::Result<base::TokenCount> count(const protocol::Prompt& prompt) override;
  std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) override;
  base::Result<std::unique_ptr<Generation>> begin_alternative(const protocol::Generate& request, int alternative,
                                                              Listener listener) override;

  // Looks at the names of what is in the store, not at what is behind them.
  base::Result<protocol::Forecasted> forecast(const protocol::Prompt& prompt) override;

  // What is known of this machine with this model; kept in `file` from now on ("": nowhere). Threads are the
  // calibration's to choose unless somebody said how many; how prompts are computed, unless the model is so small that
  // it is all the same.
  enum class Threads { given, chosen_by_calibration };
  enum class Computing { as_usual, chosen_by_calibration };
  void learn_speeds(const base::Path& file, Threads threads, Computing computing = Computing::as_usual);
  // Who decides about more memory; nobody: the model takes what `policy.memory` allowed when it was made.
  void ask_for_memory(AskForMemory ask) { ask_for_memory_ = std::move(ask); }
  // From now on, where nothing that stood before matches; what it needs is part of memory().
  void guess_with(std::unique_ptr<DraftModel> draft) { draft_model_ = std::move(draft); }
  const llama::Vocabulary& vocabulary() const { return model_.vocabulary(); }
  void note_load(double ms) { speeds_.load_ms = ms; }
  protocol::Calibrated calibrated() const override;
  std::unique_ptr<Generation> begin_calibration(Listener listener) override;
  bool wants_calibration() const override {
    return !speeds_.is_calibrated && !speeds_file_.empty() && calibrations_.empty();
  }
  bool wants_reload() const override;

 private:
  friend class GgufGeneration;
  friend class Calibration;
  GgufModel(llama::Model model, protocol::ModelFacts facts, ContextPolicy policy, KvHome home, int limit);
  enum class Growth { done, later };
  // Makes the context at least `needed` long, better `wanted`; later: models in use have the memory. Only while nobody
  // has a timeline. Kind `model` with the numbers when there is not that much memory.
  base::Result<Growth> ensure_context(std::int64_t needed, std::int64_t wanted, protocol::Priority asking);
  base::Result<Growth> choose_context_size(std::int64_t needed, std::int64_t wanted, protocol::Priority asking,
                                           std::int64_t& chosen) const;
  // All contexts of a model turn keys in the same way.
  bool has_long_contexts() const { return short_context_ > 0 && limit_ > short_context_; }
  base::ByteCount memory_with(std::int64_t cells) const;
  // Whether what was computed of a completion may be kept beside the context while others have the cells.
  bool may_park(std::int64_t tokens) const;
  base::Result<EncodedPrompt> encode(const protocol::Prompt& prompt) const;
  // The KV of an answer to a prompt, but for its last token, is in cells or in the store; the first `given` tokens are
  // the prompt's.
  bool is_kept(const EncodedPrompt& before, std::span<const llama::TokenId> answer, std::size_t given) const;
  // Into parts as long as a call computes best. `chain`: becomes the prompt's.
  std::vector<Part> split(const EncodedPrompt& prompt, kv::Chain& chain) const;
  // Takes the cells of the least urgent generation that is less urgent than what asks; false: there is none.
  bool make_way(protocol::Priority asking);
  // A longer context for what somebody waits for, with room for its `tokens` and for all that computes now, which gives
  // way for a moment. false: there is none, or what gave way would have to be computed again.
  bool make_room_beside(std::int64_t tokens, protocol::Priority asking);
  // Reads the ends of several prompts in one call, since calls of few tokens cost much more a token; false: there are
  // not several. They are not kept: computed alone, they would be others in the last bits.
  bool read_ends(protocol::Priority priority, const Interrupt& interrupt);
  // One more call for a generation in decode, and for all others of its priority that are, if that is faster.
  void decode_round(GgufGeneration& asking, const Interrupt& interrupt);
  std::vector<GgufGeneration*> choose_round(GgufGeneration& asking) const;
  void keep_for_drafts(std::span<const llama::TokenId> answer);
  // The next prompt of a conversation holds an answer as text: what it was in tokens is kept beside the KV.
  void remember_answer(const protocol::ChatPrompt& chat, std::span<const llama::TokenId> prompt, kv::Chain chain,
                       std::span<const llama::TokenId> answer);

  llama::Model model_;
  protocol::ModelFacts facts_;
  ContextPolicy policy_;
  std::string file_identity_;  // of home_.identity: the file alone
  KvHome home_;
  int limit_;
  std::int64_t short_context_;  // Model::longest_short_context
  ChatFormat format_;
  std::optional<llama::Context> context_;  // must go before model_
  std::optional<SequencePool> pool_;       // must go before context_
  std::vector<GgufGeneration*> generations_;
  std::vector<llama::TokenId> past_answers_;  // for drafts; the newest
  // Of computing these parts; 0 while that is not known.
  double forecast_ms(std::span<const Part> parts) const;
  void take_measured(const Speeds& speeds);
  void store_learned_speeds();
  // Now and then, since somebody waits for the reply.
  void store_learned_speeds_soon();
  CompletionCache completions_;
  PromptEnds prompt_ends_;
  Speeds speeds_;
  base::Path speeds_file_;
  std::optional<base::Stopwatch> speeds_stored_;  // since when; nullopt: there is no file yet
  bool has_unstored_speeds_ = false;
  bool may_choose_threads_ = false;
  bool may_choose_computing_ = false;
  std::vector<Calibration*> calibrations_;
  AskForMemory ask_for_memory_;
  std::unique_ptr<DraftModel> draft_model_;  // null: none
  protocol::ReuseFacts reuse_;
};

// What is said of a model that needs more than there is for a context of so many tokens; `kv_type`: how it is kept.
base::Error too_little_memory(const protocol::ModelFacts& facts, int context, llama::KvType kv_type,
                              base::ByteCount available);

// Largest context that fits beside the weights; kind `model` when not even the smallest does, or not the explicit one.
base::Result<int> choose_context_limit(const protocol::ModelFacts& facts, const ContextPolicy& policy);

}  // namespace oc::inference
