// SPDX-License-Identifier: Apache-2.0
#include "inference/gguf_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "inference/calibration.hpp"
#include "inference/gguf_generation.hpp"
#include "inference/perseverance.hpp"
#include "inference/vocabulary_model.hpp"

namespace oc::inference {

using base::TokenCount;
using llama::TokenId;

namespace {

// Tokens of earlier answers that guesses are drawn from.
constexpr std::size_t k_past_tokens = 16'384;
constexpr TokenId k_border = -1;

// An answer that needs no model.
class ReadyAnswer final : public Generation {
 public:
  ReadyAnswer(TokenCount prompt, int context_tokens, CompletionCache::Known known, Listener listener)
      : text_(std::move(known.text)), listener_(std::move(listener)) {
    result_.usage.prompt = result_.usage.cached = prompt;
    result_.context_tokens = context_tokens;
    result_.is_approximate = known.is_approximate;
  }
  State state() const override { return state_; }
  void advance(const Interrupt&) override {
    if (listener_.cancel.is_requested()) result_.stop = protocol::StopReason::cancelled;
    else listener_.text(text_);
    state_ = State::done;
  }
  base::Result<protocol::Generated> take_result() override { return result_; }

 private:
  std::string text_;
  Listener listener_;
  State state_ = State::prefill;
  protocol::Generated result_;
};

std::string answer_label(std::string_view text) { return "answer\n" + std::string(text); }

}  // namespace

base::Result<std::unique_ptr<GgufModel>> GgufModel::create(llama::Model model, const protocol::ModelFacts& facts,
                                                           const ContextPolicy& policy, KvHome home) {
  OC_TRY(const int limit, choose_context_limit(facts, policy));
  std::unique_ptr<GgufModel> made(new GgufModel(std::move(model), facts, policy, std::move(home), limit));
  const int first = std::min(limit, policy.first_context);
  OC_CHECK(made->ensure_context(first, first, protocol::Priority::interactive));
  return made;
}

GgufModel::GgufModel(llama::Model model, protocol::ModelFacts facts, ContextPolicy policy, KvHome home, int limit)
    : model_(std::move(model)),
      facts_(std::move(facts)),
      policy_(policy),
      file_identity_(home.identity),
      home_(std::move(home)),
      limit_(limit),
      short_context_(model_.longest_short_context()),
      format_(ChatFormat::find(model_.chat_template(), model_.vocabulary())),
      prompt_ends_(home_, model_.vocabulary().size()) {
  facts_.chat_format = format_.name();
  // All that changes what is computed. Threads do: sums over a long cache are split among them.
  home_.identity += fmt::format("kv {}, threads {} {}, repacked {}, steps {}, attention {}\n",
                                policy_.kv_type == llama::KvType::f16 ? "f16" : "q8_0", policy_.prefill_threads,
                                policy_.decode_threads, policy_.is_repacked, policy_.step_tokens,
                                policy_.attention == llama::Attention::flash ? "flash" : "plain");
  if (short_context_ > 0) home_.identity += has_long_contexts() ? "rope long\n" : "rope short\n";
}

GgufModel::~GgufModel() {
  if (has_unstored_speeds_) store_learned_speeds();
}

base::ByteCount GgufModel::memory() const {
  std::int64_t spare = pool_ ? pool_->parked_bytes() : 0;
  for (const GgufGeneration* generation : generations_) spare += generation->saved_bytes();
  return base::ByteCount(memory_with(context_ ? context_->context_tokens() : 0).value + spare);
}

void GgufModel::give_spare_back() {
  if (pool_) pool_->forget_parked();
  for (GgufGeneration* generation : generations_) generation->forget_saved();
}

base::Result<EncodedPrompt> GgufModel::encode(const protocol::Prompt& prompt) const {
  if (home_.store == nullptr) return encode_prompt(prompt, format_, model_.vocabulary());
  const auto find_answer = [this](const EncodedPrompt& before, std::string_view text) {
    kv::Chain chain(home_.identity);
    split(before, chain);
    const auto entry = home_.store->find(chain.fork(answer_label(text)));
    const auto given = static_cast<std::size_t>(entry == nullptr ? -1 : entry->position);
    if (entry == nullptr || given >= entry->tokens.size() || !is_kept(before, entry->tokens, given))
      return std::optional<KnownAnswer>();
    return std::optional(KnownAnswer{entry->tokens, given});
  };
  return encode_prompt(prompt, format_, model_.vocabulary(), find_answer);
}

// Computed again as it was generated, it would take a call for each token: as a text it takes one for many.
bool GgufModel::is_kept(const EncodedPrompt& before, std::span<const TokenId> answer, std::size_t given) const {
  EncodedPrompt with_answer = before;
  with_answer.tokens.insert(with_answer.tokens.end(), answer.begin(), answer.end());
  const std::size_t begin = before.tokens.size() + given, end = with_answer.tokens.size();
  if (given > 0) with_answer.segments.push_back(before.tokens.size());
  with_answer.answers.push_back({begin, end});
  kv::Chain chain(home_.identity);
  const std::vector<Part> parts = split(with_answer, chain);
  const std::size_t in_cells = pool_ ? pool_->count_common(parts) : 0;
  // Its last token is computed by what follows, if it is.
  return std::ranges::all_of(std::span(parts).subspan(in_cells), [&](const Part& part) {
    return part.end <= begin || part.begin + 1 >= end || home_.store->contains(part.key);
  });
}

std::vector<Part> GgufModel::split(const EncodedPrompt& prompt, kv::Chain& chain) const {
  return split_into_parts(prompt, static_cast<std::size_t>(policy_.step_tokens), chain);
}

void GgufModel::remember_answer(const protocol::ChatPrompt& chat, std::span<const TokenId> prompt, kv::Chain chain,
                                std::span<const TokenId> answer) {
  if (home_.store == nullptr || answer.empty()) return;
  std::span<const TokenId> given;
  if (!chat.answer_start.empty()) {
    protocol::ChatPrompt without_start = chat;
    without_start.answer_start.clear();
    const auto before = encode(without_start);
    // What begins the answer may share a token with what stands before it.
    const std::size_t length = before ? before->tokens.size() : 0;
    if (!before || prompt.size() < length || !std::ranges::equal(prompt.first(length), before->tokens)) return;
    given = prompt.subspan(length);
    chain = kv::Chain(home_.identity);
    split(*before, chain);
  }
  // Not what was shown of it: a text that ended the answer is in its tokens.
  std::string text = chat.answer_start;
  for (const TokenId token : answer) text += model_.vocabulary().bytes_of(token);
  std::vector<TokenId> tokens(given.begin(), given.end());
  tokens.insert(tokens.end(), answer.begin(), answer.end());
  home_.store->put(
      {chain.fork(answer_label(text)), home_.identity, static_cast<std::int32_t>(given.size()), std::move(tokens), {}});
}

void GgufModel::keep_for_drafts(std::span<const TokenId> answer) {
  past_answers_.push_back(k_border);
  past_answers_.insert(past_answers_.end(), answer.begin(), answer.end());
  if (past_answers_.size() > 2 * k_past_tokens)
    past_answers_.erase(past_answers_.begin(), past_answers_.end() - k_past_tokens);
}

base::Result<TokenCount> GgufModel::count(const protocol::Prompt& prompt) {
  OC_TRY(const EncodedPrompt encoded, encode(prompt));
  return TokenCount(static_cast<std::int64_t>(encoded.tokens.size()));
}

base::Result<protocol::Forecasted> GgufModel::forecast(const protocol::Prompt& prompt) {
  OC_TRY(const EncodedPrompt encoded, encode(prompt));
  protocol::Forecasted forecast;
  forecast.prompt = TokenCount(static_cast<std::int64_t>(encoded.tokens.size()));
  kv::Chain chain(home_.identity);
  const std::vector<Part> parts = split(encoded, chain);
  if (parts.empty()) return forecast;
  std::size_t known = pool_ ? pool_->count_common(parts) : 0;
  while (known < parts.size() && home_.store != nullptr && home_.store->contains(parts[known].key)) ++known;
  if (known == parts.size() && !prompt_ends_.contains(chain)) --known;
  forecast.cached = known == parts.size() ? forecast.prompt : TokenCount(static_cast<std::int64_t>(parts[known].begin));
  forecast.first_token_ms = forecast_ms(std::span(parts).subspan(known));
  if (speeds_.steps.is_known()) forecast.token_ms = speeds_.steps.ms(1);
  return forecast;
}

protocol::Calibrated GgufModel::calibrated() const {
  protocol::Calibrated result{policy_.prefill_threads,
                              policy_.decode_threads,
                              policy_.is_repacked,
                              {},
                              0,
                              policy_.step_tokens,
                              policy_.attention == llama::Attention::flash};
  if (speeds_.rounds > 0) {
    result = {speeds_.prefill_threads,
              speeds_.decode_threads,
              speeds_.repack,
              {},
              0,
              speeds_.step_tokens,
              speeds_.attention == llama::Attention::flash};
    for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i)
      result.steps.push_back({StepTimes::k_rows[i], speeds_.steps.all()[i]});
  }
  result.prefill_token_ms = speeds_.prefill.ms(llama::k_block_tokens, 0, speeds_.steps) / llama::k_block_tokens;
  return result;
}

double GgufModel::forecast_ms(std::span<const Part> parts) const {
  double ms = 0;
  for (const Part& part : parts)
    ms += speeds_.prefill.ms(static_cast<int>(part.end - part.begin), static_cast<int>(part.begin), speeds_.steps);
  constexpr double k_at_once_ms = 1;
  return parts.empty() && speeds_.prefill.is_known() ? k_at_once_ms : ms;
}

void GgufModel::learn_speeds(const base::Path& file, Threads threads, Computing computing) {
  speeds_file_ = file;
  speeds_ = load_speeds(file);
  if (speeds_.prefill.is_known()) speeds_stored_.emplace();
  may_choose_threads_ = threads == Threads::chosen_by_calibration;
  may_choose_computing_ = computing == Computing::chosen_by_calibration;
}

bool GgufModel::wants_reload() const {
  if (speeds_.rounds == 0) return false;
  const bool has_other_threads =
      speeds_.prefill_threads != policy_.prefill_threads || speeds_.decode_threads != policy_.decode_threads;
  const bool is_computed_otherwise =
      speeds_.step_tokens != policy_.step_tokens || speeds_.attention != policy_.attention;
  return speeds_.repack != policy_.is_repacked || (may_choose_threads_ && has_other_threads) ||
         (may_choose_computing_ && is_computed_otherwise);
}

// What was chosen takes effect with the next load: what has been computed was computed with those of now.
void GgufModel::take_measured(const Speeds& speeds) {
  const PrefillTimes learned = speeds_.prefill;
  const double load_ms = speeds_.load_ms;
  speeds_ = speeds;
  if (learned.is_known()) speeds_.prefill = learned;
  speeds_.load_ms = load_ms;
  store_learned_speeds();
}

// Losing them costs a forecast, not an answer.
void GgufModel::store_learned_speeds() {
  has_unstored_speeds_ = false;
  if (speeds_file_.empty()) return;
  speeds_stored_.emplace();
  if (const auto stored = store_speeds(speeds_file_, speeds_); !stored)
    base::log(base::LogLevel::warning, stored.error().message);
}

void GgufModel::store_learned_speeds_soon() {
  constexpr double k_interval_ms = 30'000;
  has_unstored_speeds_ = true;
  if (!speeds_stored_ || speeds_stored_->elapsed_ms() > k_interval_ms) store_learned_speeds();
}

std::unique_ptr<Generation> GgufModel::begin_calibration(Listener listener) {
  return std::make_unique<Calibration>(*this, std::move(listener));
}

std::vector<protocol::Token> GgufModel::tokenize(const std::string& text, protocol::ParseSpecial special) {
  return list_tokens(text, special, model_.vocabulary());
}

base::Result<std::unique_ptr<Generation>> GgufModel::begin_alternative(const protocol::Generate& asked, int alternative,
                                                                       Listener listener) {
  const protocol::Generate request = request_of(asked, alternative);
  OC_TRY(EncodedPrompt prompt, encode(request.prompt));
  const auto length = static_cast<std::int64_t>(prompt.tokens.size());
  if (length == 0) return base::fail(base::ErrorKind::usage, "the prompt is empty");
  if (length >= limit_) return std::unexpected(does_not_fit(TokenCount(length), limit_, facts_));
  if (request.max_tokens.value < 0)
    return base::fail(base::ErrorKind::usage, "an answer cannot have fewer than 0 tokens");
  if (request.reuse == protocol::Reuse::approximate)
    if (auto known = completions_.find(request))
      return std::make_unique<ReadyAnswer>(TokenCount(length), context_ ? context_->context_tokens() : 0,
                                           std::move(*known), std::move(listener));
  const std::int64_t most_tokens = std::min<std::int64_t>(request.max_tokens.value, limit_ - length);
  OC_TRY(auto sampler, llama::Sampler::create(model_, request.sampling));
  return std::make_unique<GgufGeneration>(*this, request, std::move(listener), std::move(prompt), std::move(sampler),
                                          most_tokens);
}

bool GgufModel::read_ends(protocol::Priority priority, const Interrupt& interrupt) {
  std::vector<GgufGeneration*> round;
  std::vector<llama::Row> rows;
  std::vector<int> last_rows;
  for (GgufGeneration* generation : generations_) {
    if (!generation->has_unread_end_ || generation->priority() != priority) continue;
    const auto tokens = generation->unread();
    if (rows.size() + tokens.size() > std::size_t{llama::k_block_tokens}) break;
    int position = generation->timeline_->next_position();
    for (const TokenId token : tokens)
      rows.push_back({token, position++, generation->timeline_->sequence(), llama::Row::Logits::unwanted});
    rows.back().logits = llama::Row::Logits::wanted;
    last_rows.push_back(static_cast<int>(rows.size()) - 1);
    round.push_back(generation);
  }
  if (round.size() == 1) round.front()->read_alone();
  if (round.size() < 2) return false;
  GgufGeneration& first = *round.front();
  const double ms = speeds_.prefill.ms(static_cast<int>(rows.size()), rows.front().position, speeds_.steps);
  const bool is_due = must_end(priority, first.interruptions_, ms);
  const auto stop = [&] { return first.listener_.cancel.is_requested() || (!is_due && interrupt()); };
  auto outcome = context_->decode(rows, stop);
  if (outcome && *outcome == llama::Context::Outcome::stopped) {
    ++first.interruptions_;
    return true;
  }
  if (const auto current = home_.check_model(); outcome && !current) outcome = std::unexpected(current.error());
  for (std::size_t i = 0; i < round.size(); ++i) {
    if (outcome) round[i]->take_end(last_rows[i]);
    else round[i]->fail(outcome.error());
  }
  return true;
}

std::vector<GgufGeneration*> GgufModel::choose_round(GgufGeneration& asking) const {
  std::vector<GgufGeneration*> round;
  for (GgufGeneration* generation : generations_)
    if (generation->state() == Generation::State::decode && !generation->has_unread_end_ &&
        generation->priority() == asking.priority())
      round.push_back(generation);
  if (!speeds_.steps.is_faster_together(static_cast<int>(round.size()))) round = {&asking};
  return round;
}

void GgufModel::decode_round(GgufGeneration& asking, const Interrupt& interrupt) {
  if (asking.reads_with_others() && read_ends(asking.priority(), interrupt)) return;
  if (asking.state() != Generation::State::decode) return;  // it reads its end alone
  const std::vector<GgufGeneration*> round = choose_round(asking);
  // Guesses use time that the others of a round would wait for, and make a call so long that what comes more often
  // would interrupt it for ever.
  const std::size_t most_rows = round.size() == 1 && asking.interruptions_ == 0 ? StepTimes::k_most_rows : 1;
  std::vector<llama::Row> rows;
  std::vector<int> first_rows;
  for (GgufGeneration* generation : round) {
    first_rows.push_back(static_cast<int>(rows.size()));
    std::ranges::copy(generation->next_rows(most_rows, interrupt), std::back_inserter(rows));
  }
  // One row is quick; a call with guesses is worth interrupting.
  const bool may_stop = rows.size() > round.size();
  const auto stop = [&] { return may_stop && (interrupt() || round.front()->listener_.cancel.is_requested()); };
  const base::Stopwatch watch;
  auto outcome = context_->decode(rows, stop);
  if (outcome && *outcome == llama::Context::Outcome::stopped) {
    ++asking.interruptions_;
    return;
  }
  asking.interruptions_ = 0;
  const double ms = watch.elapsed_ms();
  if (const auto current = home_.check_model(); outcome && !current) outcome = std::unexpected(current.error());
  if (outcome) speeds_.steps.observe(static_cast<int>(rows.size()), ms);
  for (std::size_t i = 0; i < round.size(); ++i) {
    if (outcome) round[i]->read_rows(first_rows[i], ms);
    else round[i]->fail(outcome.error());
  }
}

}  // namespace oc::inference
