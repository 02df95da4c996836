// SPDX-License-Identifier: Apache-2.0
#include "inference/gguf_generation.hpp"

#include <algorithm>

#include "inference/perseverance.hpp"

namespace oc::inference {

using base::TokenCount;
using llama::Context;
using llama::TokenId;
using protocol::StopReason;

GgufGeneration::GgufGeneration(GgufModel& model, const protocol::Generate& request, Listener listener,
                               EncodedPrompt prompt, llama::Sampler sampler, std::int64_t most_tokens)
    : model_(&model),
      model_file_(model.file_identity_),
      request_(request),
      listener_(std::move(listener)),
      prompt_(std::move(prompt)),
      chain_(model.home_.identity),
      parts_(model.split(prompt_, chain_)),
      sampler_(std::move(sampler)),
      text_sink_([this](std::string_view piece) {
        text_ += piece;
        listener_.text(piece);
      }),
      stream_(request.stop, text_sink_),
      most_tokens_(most_tokens),
      replay_(model.model_.vocabulary().tokenize_content(request.replay)),
      width_(model.speeds_.steps),
      result_(protocol::Generated{}) {
  result_->usage.prompt = TokenCount(static_cast<std::int64_t>(prompt_.tokens.size()));
  model_->generations_.push_back(this);
}

GgufGeneration::~GgufGeneration() {
  if (model_ == nullptr) return;
  std::erase(model_->generations_, this);
  if (timeline_ != nullptr) model_->pool_->give_back(timeline_);
}

base::Result<protocol::Generated> GgufGeneration::take_result() { return std::move(result_); }

void GgufGeneration::advance(const Interrupt& interrupt) {
  if (state_ == State::done) return;  // by a step of another one that it was decoded with
  if (listener_.cancel.is_requested()) return end(StopReason::cancelled);
  if (model_ == nullptr) return;
  // Reading a mapped file that was cut short ends the process.
  if (const auto current = model_->home_.check_model(); !current) return fail(current.error());
  if (timeline_ == nullptr) start();
  if (state_ == State::prefill && edit_ && !tail_) prefill_edit(interrupt);
  else if (state_ == State::prefill && timeline_->parts() < parts_needed()) prefill_part(interrupt);
  else if (state_ == State::prefill && tail_) resume_answer(interrupt);
  else if (state_ == State::prefill) begin_answer(*prompt_end_);
  else if (state_ == State::decode) model_->decode_round(*this, interrupt);
}

void GgufGeneration::start() {
  const auto prompt_tokens = static_cast<std::int64_t>(prompt_.tokens.size());
  const std::int64_t tokens = prompt_tokens + most_tokens_;
  // Without room for all of them, the answers of a request wait for each other.
  const bool has_own_end = !request_.endings.empty() && !prompt_.segments.empty();
  const auto own_end = has_own_end ? prompt_tokens - static_cast<std::int64_t>(prompt_.segments.back()) : 0;
  const std::int64_t wanted = std::min<std::int64_t>(
      prompt_tokens - own_end + count_answers(request_) * (own_end + most_tokens_), model_->limit_);
  // A completion of no urgency improves what was given to somebody who goes on typing with what is there now.
  const bool is_beside =
      request_.priority == protocol::Priority::idle && std::holds_alternative<protocol::InfillPrompt>(request_.prompt);
  const auto neighbours = is_beside ? SequencePool::Neighbours::kept : SequencePool::Neighbours::forgotten;
  if (!tail_) prompt_end_ = model_->prompt_ends_.find(chain_);
  do {
    if (!model_->pool_ || model_->pool_->lent() == 0) {
      const auto grown = model_->ensure_context(tokens, wanted, request_.priority);
      if (!grown) return fail(grown.error());
      if (*grown == GgufModel::Growth::later) {
        // Nobody waits for it, so no other model makes room, ever.
        if (request_.priority == protocol::Priority::idle) return end(StopReason::cancelled);
        state_ = State::blocked;
        return;
      }
    }
    if (!is_started_ && start_from_edit(tokens)) return;
    const protocol::Reuse reuse = is_beside ? protocol::Reuse::approximate : request_.reuse;
    timeline_ = model_->pool_->lend(prompt_.tokens, restorable_parts(), tokens, reuse, neighbours);
  } while (timeline_ == nullptr &&
           (model_->make_way(request_.priority) || model_->make_room_beside(tokens, request_.priority)));
  state_ = timeline_ != nullptr ? State::prefill : State::blocked;
  if (timeline_ == nullptr || is_started_) return;
  const auto reused = static_cast<std::int64_t>(timeline_->length());
  note_start(reused);
  const double first_token_ms = model_->forecast_ms(std::span(parts_).subspan(timeline_->parts()));
  listener_.progress({protocol::Progress::Stage::forecast, reused, result_->usage.prompt.value, first_token_ms});
}

void GgufGeneration::note_start(std::int64_t reused) {
  is_started_ = true;
  timeline_->note_use();
  result_->usage.cached = TokenCount(reused);
  result_->context_tokens = model_->context_->context_tokens();
  model_->reuse_.prompt_tokens += result_->usage.prompt.value;
  model_->reuse_.reused_tokens += reused;
}

void GgufGeneration::forget_start() {
  is_started_ = false;
  model_->reuse_.prompt_tokens -= result_->usage.prompt.value;
  model_->reuse_.reused_tokens -= result_->usage.cached.value;
}

bool GgufGeneration::start_from_edit(std::int64_t tokens) {
  if (request_.reuse == protocol::Reuse::exact) return false;
  timeline_ = model_->pool_->lend_for_edit(prompt_.tokens, tokens);
  if (timeline_ == nullptr) return false;
  state_ = State::prefill;
  edit_ = timeline_->find_overlap(prompt_.tokens);
  note_start(static_cast<std::int64_t>(edit_->begin + edit_->end - 1));
  return true;
}

// When it is interrupted the prompt is computed in the exact way.
void GgufGeneration::prefill_edit(const Interrupt& interrupt) {
  const auto stop = [&] { return listener_.cancel.is_requested() || interrupt(); };
  const auto edited = timeline_->edit(prompt_.tokens, *edit_, stop);
  if (!edited) return fail(edited.error());
  if (edited->outcome == Context::Outcome::stopped) {
    give_way();
    forget_start();
    edit_.reset();
    request_.reuse = protocol::Reuse::exact;
    if (listener_.cancel.is_requested()) end(StopReason::cancelled);
    return;
  }
  begin_answer(model_->context_->logits(edited->last_row));
}

bool GgufGeneration::may_read_with_others() const {
  constexpr std::size_t k_short = 64;
  return reads_with_others() && request_.alternatives == 1 && most_tokens_ > 0 && !tail_ && !reads_alone_ &&
         timeline_->parts() > 0 && timeline_->length() == parts_[timeline_->parts()].begin &&
         unread().size() <= k_short;
}

void GgufGeneration::read_alone() {
  has_unread_end_ = false;
  reads_alone_ = true;
  state_ = State::prefill;
}

void GgufGeneration::take_end(int last_row) {
  timeline_->append(unread());
  has_unread_end_ = false;
  interruptions_ = 0;
  begin_answer(model_->context_->logits(last_row));
}

std::span<const Part> GgufGeneration::restorable_parts() const {
  return std::span(parts_).first(tail_ ? tail_parts_ : parts_.size() - (prompt_end_ ? 0 : 1));
}

bool GgufGeneration::take_what_others_computed() {
  const std::size_t known = timeline_->parts();
  const std::span<const Part> parts = restorable_parts();
  const kv::Store* store = model_->home_.store;
  if (store == nullptr || known >= parts.size() || !store->contains(parts[known].key)) return false;
  timeline_->restore(prompt_.tokens, parts);
  return timeline_->parts() > known;
}

void GgufGeneration::prefill_part(const Interrupt& interrupt) {
  if (take_what_others_computed()) return;
  if (may_read_with_others()) {
    has_unread_end_ = true;
    state_ = State::decode;  // the others' turn: all read their prompts before they answer
    return;
  }
  const std::int64_t reused = result_->usage.cached.value;
  const std::int64_t total = result_->usage.prompt.value - reused;
  const auto report = [&] {
    // Less than at the start where it gave way and the store has not kept all.
    const auto done = std::max<std::int64_t>(static_cast<std::int64_t>(timeline_->length()) - reused, 0);
    listener_.progress({protocol::Progress::Stage::prefill, done, total, 0});
  };
  report();
  const Part& part = parts_[timeline_->parts()];
  const int tokens = static_cast<int>(part.end - part.begin), depth = static_cast<int>(part.begin);
  const bool is_due =
      must_end(request_.priority, interruptions_, model_->speeds_.prefill.ms(tokens, depth, model_->speeds_.steps));
  // An answer's takes a call for each token: nobody waits for all of them.
  const bool may_stop = !is_due || part.origin == kv::Origin::answer;
  const auto stop = [&] { return listener_.cancel.is_requested() || (may_stop && interrupt()); };
  const base::Stopwatch watch;
  const auto outcome = timeline_->compute(prompt_.tokens, part, stop);
  if (!outcome) return fail(outcome.error());
  if (*outcome == Context::Outcome::stopped) {
    ++interruptions_;
    if (listener_.cancel.is_requested()) end(StopReason::cancelled);
    return;
  }
  interruptions_ = 0;
  if (part.origin == kv::Origin::prompt) model_->speeds_.prefill.observe(tokens, depth, watch.elapsed_ms());
  if (timeline_->parts() < parts_.size() || tail_) return;
  report();
  const auto logits = model_->context_->logits(tokens - 1);
  model_->prompt_ends_.put(chain_, logits);
  begin_answer(logits);
}

void GgufGeneration::begin_answer(std::span<const float> logits) {
  result_->timing.prefill_ms = watch_.elapsed_ms();
  decode_watch_ = base::Stopwatch();
  state_ = State::decode;
  if (most_tokens_ == 0) return end(StopReason::max_tokens);
  go_on(logits);
}

base::Result<std::optional<TokenId>> GgufGeneration::choose_token(std::span<const float> logits) {
  if (!request_.replay.empty())
    return answer_.size() < replay_.size() ? std::optional(replay_[answer_.size()]) : std::nullopt;
  OC_TRY(const TokenId token, sampler_.sample(logits));
  // Structure is no part of an answer: the template's own end, or a small model that opens the next message.
  const llama::Vocabulary& vocabulary = model_->model_.vocabulary();
  if (vocabulary.ends_answer(token) || vocabulary.is_special(token)) return std::nullopt;
  return token;
}

bool GgufGeneration::go_on(std::span<const float> logits) {
  const auto token = choose_token(logits);
  if (!token) {
    fail(token.error());
    return false;
  }
  if (answer_.empty()) result_->timing.first_token_ms = watch_.elapsed_ms();
  const auto is_over = [&]() -> std::optional<StopReason> {
    if (!*token) return StopReason::end;
    last_ = **token;
    answer_.push_back(last_);
    if (drafter_) drafter_->append(last_);
    result_->usage.completion += TokenCount(1);
    stream_.add(model_->model_.vocabulary().bytes_of(last_));
    if (stream_.is_stopped()) return StopReason::stop_text;
    if (listener_.cancel.is_requested()) return StopReason::cancelled;
    if (result_->usage.completion >= request_.max_tokens) return StopReason::max_tokens;
    if (result_->usage.completion.value >= most_tokens_) return StopReason::context_full;
    return std::nullopt;
  };
  const auto stop = is_over();
  if (stop) end(*stop);
  return !stop;
}

// What stood before costs nothing to guess from, so it is asked first.
void GgufGeneration::guess(std::size_t most, const Interrupt& interrupt) {
  draft_ = {};
  draft_ms_ = 0;
  if (most <= 1 || request_.guesses == protocol::Guesses::none || !width_.is_of_use()) return;
  if (!drafter_) {
    drafter_.emplace(model_->past_answers_, prompt_.tokens);
    for (const TokenId token : answer_) drafter_->append(token);
  }
  const auto room = static_cast<std::size_t>(most_tokens_ - result_->usage.completion.value);
  most = std::min(most - 1, room);
  draft_ = drafter_->propose(most);
  draft_.tokens.resize(std::min(draft_.tokens.size(), width_.choose(draft_.matched)));
  DraftModel* model = model_->draft_model_.get();
  if (model == nullptr || !draft_.tokens.empty()) return;
  const double token_ms = model->token_ms(model_->speeds_.steps.ms(1), model_->facts_.weight_bytes);
  const std::size_t width = std::min(most, width_.choose(DraftWidth::k_of_model, token_ms));
  if (width == 0) return;
  std::vector<TokenId> text = prompt_.tokens;
  text.insert(text.end(), answer_.begin(), answer_.end());
  auto guessed = model->propose(text, width, [&] { return listener_.cancel.is_requested() || interrupt(); });
  if (guessed.ms <= 0) return;  // it was stopped
  draft_ = {std::move(guessed.tokens), DraftWidth::k_of_model};
  draft_ms_ = guessed.ms;
}

std::vector<llama::Row> GgufGeneration::next_rows(std::size_t most, const Interrupt& interrupt) {
  guess(most, interrupt);
  int position = timeline_->next_position();
  std::vector<llama::Row> rows{{last_, position, timeline_->sequence(), llama::Row::Logits::wanted}};
  for (const TokenId token : draft_.tokens)
    rows.push_back({token, ++position, timeline_->sequence(), llama::Row::Logits::wanted});
  return rows;
}

void GgufGeneration::read_rows(int first_row, double ms) {
  timeline_->append(std::span(&last_, 1));
  std::size_t accepted = 0;
  const std::size_t length = timeline_->length();
  int row = first_row;
  while (go_on(model_->context_->logits(row)) && accepted < draft_.tokens.size() && last_ == draft_.tokens[accepted]) {
    timeline_->append(std::span(&last_, 1));
    ++accepted;
    ++row;
  }
  // Guesses that were wrong leave the cache.
  if (state_ == State::decode && accepted < draft_.tokens.size()) timeline_->truncate(length + accepted);
  width_.learn(draft_.matched, draft_.tokens.size(), accepted, ms + draft_ms_);
  model_->reuse_.drafted_tokens += static_cast<std::int64_t>(draft_.tokens.size());
  model_->reuse_.accepted_tokens += static_cast<std::int64_t>(accepted);
}

void GgufGeneration::end(StopReason stop) {
  state_ = State::done;
  has_unread_end_ = false;
  result_->stop = stop;
  result_->is_approximate = is_approximate();
  if (!stream_.is_stopped()) stream_.finish();
  if (!answer_.empty()) result_->timing.generate_ms = decode_watch_.elapsed_ms();
  if (timeline_ == nullptr) return;
  timeline_->truncate(timeline_->length());  // guesses that did not become tokens of the answer
  model_->completions_.put(request_, text_, stop, is_approximate());
  if (timeline_->parts() == parts_.size() && !edit_ && !tail_ && !is_computed_again_) {
    timeline_->seal_answer(chain_, answer_.size());
    if (const auto* chat = std::get_if<protocol::ChatPrompt>(&request_.prompt))
      model_->remember_answer(*chat, prompt_.tokens, chain_, answer_);
  }
  timeline_->note_use();
  model_->keep_for_drafts(answer_);
  model_->store_learned_speeds_soon();
  model_->pool_->give_back(timeline_);
  timeline_ = nullptr;
}

void GgufGeneration::fail(base::Error error) {
  state_ = State::done;
  has_unread_end_ = false;
  result_ = std::unexpected(std::move(error));
  if (timeline_ == nullptr) return;
  timeline_->keep(std::min(timeline_->parts(), parts_.size()));
  model_->pool_->give_back(timeline_);
  timeline_ = nullptr;
}

}  // namespace oc::inference
