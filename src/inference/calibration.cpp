// SPDX-License-Identifier: Apache-2.0
#include "inference/calibration.hpp"

#include <algorithm>
#include <atomic>
#include <ranges>
#include <set>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/path.hpp"
#include "base/system.hpp"
#include "llama/layer_trial.hpp"

namespace oc::inference {
namespace {

// As many as flash attention's tiled path wants, as few as tell.
constexpr int k_prefill_rows = 64;
// As a new question behind a context that is known: what is felt most.
constexpr int k_question_rows = 32;
// Cells of the KV cache that a call needs.
constexpr std::int64_t k_cells = 256;
// Long calls vary little and cost much.
constexpr int k_long_rows = 8;
// Of a token: a whole call is measured as seldom as can be.
constexpr double k_slow_ms = 200;
int repetitions(double token_ms) { return token_ms > k_slow_ms ? 1 : 3; }
// On a machine that is always busy, what was measured has to do.
constexpr int k_most_rounds = 3;
// What another number of threads, and another way to compute, have to be faster by: they change the last bits, so that
// nothing that was computed before is of use any more.
constexpr double k_thread_gain = 0.02;
constexpr double k_computing_gain = 0.05;
// What attention may lose in reading prompts for what it gains in answers, and the other way round.
constexpr double k_bearable_loss = 0.02;
// What a repacked model has to be faster by in reading prompts or in answering, and not slower by in the other, to be
// worth its load.
constexpr double k_repack_gain = 1.08;
// Weights of which repacking is not worth a thought.
constexpr std::int64_t k_small_weights = 64'000'000;
// Attention is compared behind so many tokens: few enough for a file and a question, enough to tell.
constexpr int k_depth = 1024;
// Of timing both layouts of the weights.
constexpr int k_layout_rounds = 4;
// Once so much was computed, what is left of the comparisons is left out.
constexpr double k_most_ms = 8'000;

class ThreadsForNow {
 public:
  ThreadsForNow(llama::Context& context, int prefill, int decode) : context_(context), before_(context.options()) {
    context.set_threads(prefill, decode);
  }
  ~ThreadsForNow() { context_.set_threads(before_.prefill_threads, before_.decode_threads); }
  ThreadsForNow(const ThreadsForNow&) = delete;
  ThreadsForNow& operator=(const ThreadsForNow&) = delete;

 private:
  llama::Context& context_;
  llama::ContextOptions before_;
};

// A call of more rows is never faster by much: other programs came between where it was.
bool is_plausible(const StepTimes& steps) {
  constexpr double k_noise = 1.2;
  const auto& times = steps.all();
  for (std::size_t i = 1; i < times.size(); ++i)
    if (times[i - 1] > k_noise * times[i]) return false;
  return true;
}

// Those of now stay unless others are clearly faster.
int choose_threads(const std::map<int, TimeSamples>& samples, int now) {
  int chosen = now;
  for (const auto& [threads, times] : samples)
    if (times.is_clearly_faster_than(samples.at(chosen), k_thread_gain)) chosen = threads;
  return chosen;
}

}  // namespace

Calibration::Calibration(GgufModel& model, Listener listener)
    : model_(&model), listener_(std::move(listener)), measured_(model.speeds_), result_(protocol::Generated{}) {
  model_->calibrations_.push_back(this);
  plan();
}

Calibration::~Calibration() {
  if (model_ != nullptr) std::erase(model_->calibrations_, this);
}

void Calibration::let_go() {
  std::erase(model_->calibrations_, this);
  model_ = nullptr;
  state_ = State::blocked;
}

void Calibration::take_model(LanguageModel& model) {
  model_ = dynamic_cast<GgufModel*>(&model);
  if (model_ == nullptr) {
    result_ = base::fail(base::ErrorKind::model, "the model was replaced while it was measured", "try again");
    state_ = State::done;
    return;
  }
  model_->calibrations_.push_back(this);
  measured_ = model_->speeds_;
  steps_.clear();
  plan();
  state_ = State::prefill;
}

void Calibration::add_optional(Step step) {
  add([this, run = std::move(step)]() -> base::Result<bool> {
    if (spent_ms_ > k_most_ms) return true;
    return run();
  });
}

CallTimer Calibration::timer(llama::Context& context) const {
  return {context, model_->facts_.layers, [this] { return listener_.cancel.is_requested() || (*interrupt_)(); }};
}

void Calibration::plan() {
  spent_ms_ = 0;
  add([this]() -> base::Result<bool> {
    OC_TRY(const double ms, timer(*model_->context_).time_call(1));  // the first touch of the weights
    return ms > 0;
  });
  plan_threads();
  // Where it pays, it pays more than all the rest: never left out.
  if (may_be_repacked()) add([this] { return compare_repacked(); });
  for (std::size_t i = 1; i < StepTimes::k_rows.size(); ++i) add([this, i] { return time_step(i); });
  measured_.step_tokens = model_->policy_.step_tokens;
  measured_.attention = model_->policy_.attention;
  if (!model_->may_choose_computing_) return;
  plan_step_tokens();
  plan_attention();
}

// Of calls of a slow model as many layers as tell: their share of the whole is that of a call of one row.
base::Result<bool> Calibration::time_step(std::size_t index) {
  const int rows = StepTimes::k_rows[index];
  const ThreadsForNow now(*model_->context_, measured_.prefill_threads, measured_.decode_threads);
  CallTimer timed = timer(*model_->context_);
  const double one_ms = measured_.steps.ms(1);
  double ms = 0;
  if (one_ms <= k_slow_ms) {
    OC_TRY(ms, timed.time_calls(rows, rows < k_long_rows ? 3 : 1));
  } else {
    OC_TRY(ms, timed.time_call(1));
    if (ms <= 0) return false;
    if (one_layer_ms_ <= 0) {
      OC_TRY(one_layer_ms_, timed.time_layer(1));
    }
    if (one_layer_ms_ <= 0) return false;
    OC_TRY(const double layer_ms, timed.time_layer(rows));
    ms = one_ms * layer_ms / one_layer_ms_;
  }
  if (ms > 0) measured_.steps.set(index, ms);
  return ms > 0;
}

base::Result<bool> Calibration::time_threads(int threads) {
  const ThreadsForNow now(*model_->context_, threads, threads);
  CallTimer timed = timer(*model_->context_);
  OC_TRY(const double first_ms, timed.time_call(1));
  if (first_ms <= 0) return false;
  OC_TRY(const double layer_ms, timed.time_layer(k_prefill_rows));
  if (layer_ms <= 0) return false;
  OC_TRY(const double decode_ms, timed.time_calls(1, repetitions(first_ms)));
  if (decode_ms <= 0) return false;
  prefill_by_threads_[threads].add(layer_ms);
  decode_by_threads_[threads].add(decode_ms);
  return true;
}

void Calibration::plan_threads() {
  prefill_by_threads_.clear();
  decode_by_threads_.clear();
  one_layer_ms_ = 0;
  const ContextPolicy& now = model_->policy_;
  std::set<int> candidates{now.decode_threads, now.prefill_threads};
  if (model_->may_choose_threads_) candidates.insert({base::physical_core_count(), base::logical_core_count()});
  constexpr int k_rounds = 2;  // in turns, so that what drifts weighs on all alike
  for (int round = 0; round < k_rounds; ++round)
    for (const int threads : candidates) add([this, threads] { return time_threads(threads); });
  add([this]() -> base::Result<bool> {
    measured_.prefill_threads = choose_threads(prefill_by_threads_, model_->policy_.prefill_threads);
    measured_.decode_threads = choose_threads(decode_by_threads_, model_->policy_.decode_threads);
    const double layer_ms = prefill_by_threads_.at(measured_.prefill_threads).best();
    measured_.prefill.observe(k_prefill_rows, 0, layer_ms * model_->facts_.layers);
    measured_.steps.set(0, decode_by_threads_.at(measured_.decode_threads).best());
    return true;
  });
}

void Calibration::advance(const Interrupt& interrupt) {
  interrupt_ = &interrupt;
  const bool is_cancelled = listener_.cancel.is_requested();
  if (model_ == nullptr && !is_cancelled) return;
  state_ = State::prefill;
  if (!is_cancelled && !steps_.empty()) {
    auto there = model_->home_.check_model();
    auto growth = GgufModel::Growth::done;
    if (there && !model_->pool_) {
      const auto made = model_->ensure_context(k_cells, k_cells, protocol::Priority::idle);
      if (made) growth = *made;
      else there = std::unexpected(made.error());
    }
    // Answers that are computed meanwhile may have all cells.
    if (there && (growth == GgufModel::Growth::later || !model_->pool_->clear_idle(k_cells))) {
      state_ = State::blocked;
      return;
    }
    const base::Stopwatch watch;
    const auto done = there ? steps_.back()() : std::unexpected(there.error());
    if (done && *done) spent_ms_ += watch.elapsed_ms();
    if (!done) {
      base::log(base::LogLevel::warning,
                fmt::format("{} is not measured: {}", model_->facts_.path, done.error().message));
      result_ = std::unexpected(done.error());
      state_ = State::done;
      return;
    }
    if (*done) steps_.pop_back();
    if (!steps_.empty()) return;
  }
  state_ = State::done;
  result_->stop = is_cancelled ? protocol::StopReason::cancelled : protocol::StopReason::end;
  if (is_cancelled) return;
  // Repacked weights take other times: once more with them, from the next load on.
  ++measured_.rounds;
  const bool is_of_now = measured_.repack == model_->policy_.is_repacked || measured_.rounds > 1;
  measured_.is_calibrated = is_of_now && (is_plausible(measured_.steps) || measured_.rounds > k_most_rounds);
  model_->take_measured(measured_);
}

base::Result<std::optional<llama::Context>> Calibration::make_trial(int cells, llama::Attention attention,
                                                                    int step_tokens) const {
  const protocol::ModelFacts& facts = model_->facts_;
  ContextPolicy policy = model_->policy_;
  policy.attention = attention;
  policy.step_tokens = step_tokens;
  const std::int64_t needed = facts.buffer_bytes + cells * cell_bytes(facts, policy);
  if (base::memory_facts().available.value < 2 * needed) return std::nullopt;
  const MemoryWish wish{base::ByteCount(model_->memory().value + needed), protocol::Priority::idle,
                        MemoryWish::Need::wish};
  if (model_->ask_for_memory_ && model_->ask_for_memory_(wish).verdict != MemoryAnswer::Verdict::granted)
    return std::nullopt;
  OC_TRY(auto context,
         llama::Context::create(model_->model_, {cells, measured_.prefill_threads, measured_.decode_threads,
                                                 policy.kv_type, step_tokens, attention}));
  return std::optional(std::move(context));
}

void Calibration::plan_step_tokens() {
  prefill_by_step_.clear();
  const auto& all = Speeds::k_step_tokens;
  for (const int tokens : all) add_optional([this, tokens] { return time_step_tokens(tokens); });
  for (const int tokens : all | std::views::reverse) add_optional([this, tokens] { return time_step_tokens(tokens); });
  add([this]() -> base::Result<bool> {
    choose_step_tokens();
    return true;
  });
}

base::Result<bool> Calibration::time_step_tokens(int step_tokens) {
  OC_TRY(auto context, make_trial(llama::k_block_tokens, model_->policy_.attention, step_tokens));
  if (!context) return true;
  CallTimer timed = timer(*context);
  auto ms = timed.time_call(1);
  if (ms && *ms > 0) ms = timed.time_layer(step_tokens);
  if (!ms) return std::unexpected(ms.error());
  if (*ms > 0) prefill_by_step_[step_tokens].add(*ms / step_tokens);
  return *ms > 0;
}

// Fewer are better where they are as fast: what is interrupted loses less.
void Calibration::choose_step_tokens() {
  const int now = model_->policy_.step_tokens;
  for (const auto& [tokens, times] : prefill_by_step_)
    if (times.count() > 1 && times.is_clearly_faster_than(prefill_by_step_[measured_.step_tokens], k_computing_gain))
      measured_.step_tokens = tokens;
  base::log(base::LogLevel::info, fmt::format("steps of a prompt: {} tokens, {} before", measured_.step_tokens, now));
}

void Calibration::plan_attention() {
  by_attention_.clear();
  if (model_->policy_.kv_type != llama::KvType::f16) return;  // q8_0 needs flash attention
  using llama::Attention;
  for (const Attention attention : {Attention::flash, Attention::plain, Attention::plain, Attention::flash})
    add_optional([this, attention] { return time_attention(attention); });
  add([this]() -> base::Result<bool> {
    choose_attention();
    return true;
  });
}

base::Result<bool> Calibration::time_attention(llama::Attention attention) {
  const int depth = std::min(k_depth, model_->limit_ / 2);
  const int rows = model_->policy_.step_tokens;
  OC_TRY(auto context, make_trial(depth + llama::k_block_tokens, attention, rows));
  if (!context) return true;
  CallTimer timed = timer(*context);
  OC_TRY(const bool is_filled, timed.fill(depth));
  // The first call turns the keys of what was copied.
  auto decode_ms = is_filled ? timed.time_call(1) : base::Result<double>(0.0);
  if (decode_ms && *decode_ms > 0) decode_ms = timed.time_calls(1, repetitions(*decode_ms));
  const auto prefill_ms = decode_ms && *decode_ms > 0 ? timed.time_layer(rows) : decode_ms;
  if (!prefill_ms) return std::unexpected(prefill_ms.error());
  if (*prefill_ms <= 0) return false;
  by_attention_[attention].decode.add(*decode_ms);
  by_attention_[attention].prefill.add(*prefill_ms);
  return true;
}

void Calibration::choose_attention() {
  const OfAttention& now = by_attention_[measured_.attention];
  for (const auto& [attention, times] : by_attention_) {
    if (times.prefill.count() < 2) continue;
    const bool is_gain = times.decode.is_clearly_faster_than(now.decode, k_computing_gain) ||
                         times.prefill.is_clearly_faster_than(now.prefill, k_computing_gain);
    if (is_gain && times.decode.is_no_slower_than(now.decode, k_bearable_loss) &&
        times.prefill.is_no_slower_than(now.prefill, k_bearable_loss))
      measured_.attention = attention;
  }
}

bool Calibration::may_be_repacked() const {
  const protocol::ModelFacts& facts = model_->facts_;
  if (facts.weight_bytes < k_small_weights || model_->policy_.is_repacked) return false;
  if (!base::can_drop_mapped_pages() || facts.parts != 1) return false;  // it would not be used
  // As a load asks for it; and repacked they are no pages that the system takes back when others need them.
  const std::int64_t other = facts.buffer_bytes + k_usual_context * facts.kv_bytes_per_token;
  return model_->policy_.memory.value > facts.weight_bytes + other &&
         base::memory_facts().available.value > facts.weight_bytes + facts.weight_bytes / 2 + facts.buffer_bytes;
}

// Both layouts in turns, so that what drifts weighs on both alike.
base::Result<bool> Calibration::compare_repacked() {
  if (!trial_) {
    auto made = llama::LayerTrial::create(base::path_from_utf8(model_->facts_.path));
    if (!made) base::log(base::LogLevel::warning, made.error().message);
    if (!made || !*made) return true;  // what cannot be measured stays as it is
    trial_ = std::move(*made);
  }
  using protocol::WeightLayout;
  const auto stop = [this] { return listener_.cancel.is_requested() || (*interrupt_)(); };
  std::map<std::pair<WeightLayout, int>, TimeSamples> samples;
  for (int round = 0; round < k_layout_rounds; ++round)
    for (const int rows : {1, k_question_rows, k_prefill_rows})
      for (const WeightLayout layout : {WeightLayout::mapped, WeightLayout::repacked}) {
        const int threads = rows == 1 ? measured_.decode_threads : measured_.prefill_threads;
        OC_TRY(const double ms, trial_->time(layout, rows, threads, stop));
        if (ms <= 0) {
          trial_.reset();  // who interrupts needs the memory, perhaps for long
          return false;
        }
        if (round > 0) samples[{layout, rows}].add(ms);  // the first touch is passed over
      }
  trial_.reset();
  const auto best = [&](WeightLayout layout, int rows) { return samples[{layout, rows}].best(); };
  const auto reading = [&](WeightLayout layout) {
    return best(layout, k_question_rows) + best(layout, k_prefill_rows);
  };
  const auto is_faster = [](double ms, double other_ms) { return other_ms > ms * k_repack_gain; };
  const double own_reading = reading(WeightLayout::repacked), as_is_reading = reading(WeightLayout::mapped);
  const double own_token = best(WeightLayout::repacked, 1), as_is_token = best(WeightLayout::mapped, 1);
  const bool is_gain = is_faster(own_reading, as_is_reading) || is_faster(own_token, as_is_token);
  measured_.repack = is_gain && !is_faster(as_is_reading, own_reading) && !is_faster(as_is_token, own_token);
  base::log(base::LogLevel::info, fmt::format("layers as in the file and repacked: {:.1f} and {:.1f} ms for prompts, "
                                              "{:.1f} and {:.1f} ms for a token",
                                              as_is_reading, own_reading, as_is_token, own_token));
  return true;
}

}  // namespace oc::inference
