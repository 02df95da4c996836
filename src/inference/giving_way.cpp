// SPDX-License-Identifier: Apache-2.0
// How what is urgent gets cells, sequences and memory that others have: generations give way and go on later.
#include <algorithm>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/log.hpp"
#include "base/system.hpp"
#include "base/text.hpp"
#include "inference/calibration.hpp"
#include "inference/gguf_generation.hpp"
#include "inference/gguf_model.hpp"

namespace oc::inference {

using llama::Context;
using protocol::StopReason;

void GgufGeneration::give_way() {
  if (has_unread_end_) {  // it has not begun to answer
    has_unread_end_ = false;
    state_ = State::blocked;
  } else if (state_ == State::decode) {
    tail_parts_ = timeline_->count_common(parts_);  // fewer than all where the prompt was made of another one
    tail_ = timeline_->save_tail(tail_parts_);
    state_ = State::blocked;
  }
  model_->pool_->give_back(timeline_);
  timeline_ = nullptr;
}

bool GgufGeneration::is_kept() const {
  const kv::Store* store = model_->home_.store;
  const auto parts = std::span(parts_).first(std::min(timeline_->parts(), parts_.size()));
  return store != nullptr && std::ranges::all_of(parts, [&](const Part& part) { return store->contains(part.key); });
}

std::int64_t GgufGeneration::saved_bytes() const { return tail_ ? static_cast<std::int64_t>(tail_->state.size()) : 0; }

// It is computed again, when its turn comes.
void GgufGeneration::forget_saved() {
  if (tail_ && timeline_ == nullptr) std::string().swap(tail_->state);
}

void GgufGeneration::come_back() {
  if (state_ == State::blocked) state_ = State::prefill;
}

void GgufGeneration::resume_answer(const Interrupt& interrupt) {
  if (!timeline_->put_back(*tail_)) {
    is_computed_again_ = true;
    const auto stop = [&] { return listener_.cancel.is_requested() || interrupt(); };
    const auto outcome = timeline_->compute_tail(*tail_, stop);
    if (!outcome) return fail(outcome.error());
    if (*outcome == Context::Outcome::stopped) {
      if (listener_.cancel.is_requested()) end(StopReason::cancelled);
      return;
    }
  }
  if (timeline_->length() < tail_->end()) return;
  tail_.reset();
  state_ = State::decode;
}

void GgufGeneration::let_go() {
  if (timeline_ != nullptr) give_way();
  sampler_.let_go();
  std::erase(model_->generations_, this);
  model_ = nullptr;
  if (state_ != State::done) state_ = State::blocked;
}

void GgufGeneration::take_model(LanguageModel& model) {
  auto* next = dynamic_cast<GgufModel*>(&model);
  if (next == nullptr || next->file_identity_ != model_file_)
    return fail({base::ErrorKind::model,
                 fmt::format("{} was changed while it was used", base::in_quotes(model.facts().path)),
                 "run the command again"});
  // A replayed answer was not sampled.
  const std::span<const llama::TokenId> sampled =
      request_.replay.empty() ? std::span(std::as_const(answer_)) : std::span<const llama::TokenId>();
  if (auto taken = sampler_.take_model(next->model_, sampled); !taken) return fail(std::move(taken).error());
  // It may have been loaded with less memory.
  const auto prompt_tokens = static_cast<std::int64_t>(prompt_.tokens.size());
  if (prompt_tokens + static_cast<std::int64_t>(answer_.size()) >= next->limit_)
    return fail(does_not_fit(base::TokenCount(prompt_tokens), next->limit_, next->facts_));
  most_tokens_ = std::min<std::int64_t>(most_tokens_, next->limit_ - prompt_tokens);
  model_ = next;
  model_->generations_.push_back(this);
  width_.use(model_->speeds_.steps);
  state_ = State::prefill;
  kv::Chain chain(model_->home_.identity);
  const std::vector<Part> parts = model_->split(prompt_, chain);
  if (parts.back().key == parts_.back().key) return;
  // Other threads, another kind of cache: nothing of what was computed is of use.
  parts_ = parts;
  chain_ = chain;
  edit_.reset();
  if (!tail_) return;
  tail_parts_ = parts_.size();
  const auto prompt_length = prompt_.tokens.size();
  const std::size_t of_prompt = std::min(prompt_length - std::min(tail_->begin, prompt_length), tail_->tokens.size());
  tail_->tokens.erase(tail_->tokens.begin(), tail_->tokens.begin() + static_cast<std::ptrdiff_t>(of_prompt));
  tail_->begin = prompt_length;
  tail_->state.clear();
}

base::ByteCount GgufModel::memory_with(std::int64_t cells) const {
  const std::int64_t own = facts_.weight_bytes + facts_.buffer_bytes + cells * cell_bytes(facts_, policy_);
  return base::ByteCount(own + (draft_model_ ? draft_model_->memory().value : 0));
}

bool GgufModel::may_park(std::int64_t tokens) const {
  // A completion's window and what it was told of the project, with the cells of a 7B.
  constexpr std::int64_t k_most_bytes = 160'000'000;
  const std::int64_t bytes = tokens * llama::kv_bytes(facts_.kv_bytes_per_token, policy_.kv_type);
  if (bytes > k_most_bytes) return false;
  const base::ByteCount with_it(memory_with(context_->context_tokens()).value + bytes);
  return !ask_for_memory_ || ask_for_memory_({with_it, protocol::Priority::idle, MemoryWish::Need::wish}).verdict ==
                                 MemoryAnswer::Verdict::granted;
}

base::Result<GgufModel::Growth> GgufModel::choose_context_size(std::int64_t needed, std::int64_t wanted,
                                                               protocol::Priority asking, std::int64_t& chosen) const {
  // None, though there was one: the last attempt to get a longer one failed.
  const std::int64_t usual =
      context_ ? 2 * std::int64_t{context_->context_tokens()} : std::int64_t{policy_.first_context};
  constexpr std::int64_t k_step = llama::k_block_tokens;
  const std::int64_t shortest = has_long_contexts() ? short_context_ + 1 : 0;
  const std::int64_t least_cells = std::max(needed, shortest);
  const std::int64_t least = std::min<std::int64_t>((least_cells + k_step - 1) / k_step * k_step, limit_);
  const std::int64_t best = std::min<std::int64_t>(std::max({wanted, usual, shortest}), limit_);
  MemoryAnswer answer;
  using Need = MemoryWish::Need;
  for (const Need need : {Need::wish, Need::must}) {
    const std::int64_t size = need == Need::wish ? best : least;
    chosen = policy_.context_tokens > 0 ? policy_.context_tokens : size;
    if (!ask_for_memory_) return Growth::done;
    answer = ask_for_memory_({memory_with(chosen), asking, need});
    if (answer.verdict == MemoryAnswer::Verdict::granted) return Growth::done;
  }
  if (answer.verdict == MemoryAnswer::Verdict::later) return Growth::later;
  return std::unexpected(too_little_memory(facts_, static_cast<int>(chosen), policy_.kv_type, answer.available));
}

// A longer context is a new one: what was in the old one comes from the store.
base::Result<GgufModel::Growth> GgufModel::ensure_context(std::int64_t needed, std::int64_t wanted,
                                                          protocol::Priority asking) {
  if (context_ && context_->context_tokens() >= std::min<std::int64_t>(wanted, limit_)) return Growth::done;
  const bool is_enough = context_ && context_->context_tokens() >= std::min<std::int64_t>(needed, limit_);
  std::int64_t size = 0;
  auto growth = choose_context_size(needed, wanted, asking, size);
  if (!growth && !is_enough && draft_model_) {
    base::log(base::LogLevel::info, "the draft model makes room for a longer context");
    draft_model_.reset();
    growth = choose_context_size(needed, wanted, asking, size);
  }
  const bool is_granted = growth && *growth == Growth::done;
  if (is_enough && (!is_granted || size <= context_->context_tokens())) return Growth::done;
  if (!is_granted) return growth;
  auto parked = pool_ ? pool_->take_parked() : std::nullopt;
  pool_.reset();
  context_.reset();
  const llama::ContextOptions options{static_cast<int>(size), policy_.prefill_threads, policy_.decode_threads,
                                      policy_.kv_type,        policy_.step_tokens,     policy_.attention};
  OC_TRY(auto context, llama::Context::create(model_, options));
  context_ = std::move(context);
  pool_.emplace(*context_, home_, [this](std::int64_t tokens) { return may_park(tokens); });
  if (parked && may_park(static_cast<std::int64_t>(parked->prompt.size()))) pool_->put_parked(std::move(*parked));
  return Growth::done;
}

bool GgufModel::make_way(protocol::Priority asking) {
  // Of equals one that has not begun to answer, and the newest of those: it loses least.
  const auto rank = [](const GgufGeneration* generation) {
    return std::tuple(generation->priority(), generation->state() != Generation::State::decode);
  };
  GgufGeneration* least = nullptr;
  for (GgufGeneration* generation : generations_) {
    if (generation->priority() <= asking || !generation->has_timeline()) continue;
    if (least == nullptr || rank(generation) >= rank(least)) least = generation;
  }
  if (least != nullptr) least->give_way();
  return least != nullptr;
}

bool GgufModel::make_room_beside(std::int64_t tokens, protocol::Priority asking) {
  const bool is_awaited = asking != protocol::Priority::batch && asking != protocol::Priority::idle;
  if (!is_awaited || home_.store == nullptr || !pool_) return false;
  if (std::ranges::any_of(generations_, [&](const auto* each) { return each->priority() < asking; })) return false;
  const std::int64_t needed = pool_->count_reserved() + tokens;
  if (needed > limit_ || needed <= context_->context_tokens()) return false;
  std::vector<GgufGeneration*> moved;
  for (GgufGeneration* generation : generations_)
    if (generation->has_timeline()) moved.push_back(generation);
  if (!std::ranges::all_of(moved, [](const auto* each) { return each->is_kept(); })) return false;
  std::int64_t size = 0;
  const auto growth = choose_context_size(needed, needed, asking, size);
  if (!growth || *growth != Growth::done || size < needed) return false;
  for (GgufGeneration* generation : moved) generation->give_way();
  const auto grown = ensure_context(needed, needed, asking);
  if (!grown || *grown != Growth::done || context_->context_tokens() < needed) return false;
  for (GgufGeneration* generation : moved) generation->come_back();
  return true;
}

bool GgufModel::let_go(protocol::Priority asking) {
  // Of equals those that wait themselves have no cells to lose, and perhaps wait for what asks as that waits for them.
  const auto stays = [&](const GgufGeneration* each) {
    const Generation::State state = each->state();
    return state != Generation::State::done &&
           (each->priority() < asking || (each->priority() == asking && state != Generation::State::blocked));
  };
  if (std::ranges::any_of(generations_, stays)) return false;
  // Each of them leaves the list.
  while (!generations_.empty()) generations_.back()->let_go();
  while (!calibrations_.empty()) calibrations_.back()->let_go();
  return true;
}

}  // namespace oc::inference
