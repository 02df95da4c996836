// SPDX-License-Identifier: Apache-2.0
#include "inference/calibration.hpp"

#include <algorithm>
#include <atomic>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/path.hpp"
#include "base/system.hpp"

namespace oc::inference {
namespace {

// As many as flash attention's tiled path wants, as few as tell: 3 s of a 7B on two cores.
constexpr int k_prefill_rows = 64;
// Cells of the KV cache that a call needs.
constexpr std::int64_t k_cells = 256;
// Long calls vary little and cost much.
constexpr int k_long_rows = 8;
// What a repacked model has to be faster by, to be worth its load.
constexpr double k_repack_gain = 1.08;
// Weights of which repacking is not worth a thought.
constexpr std::int64_t k_small_weights = 64'000'000;

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

void Calibration::plan() {
  const auto add = [this](Step step) { steps_.insert(steps_.begin(), std::move(step)); };
  add([this]() -> base::Result<bool> {
    OC_TRY(const double ms, time_call(*model_->context_, 1));  // the first touch of the weights
    return ms > 0;
  });
  add([this]() -> base::Result<bool> {
    OC_TRY(const bool is_done, choose_threads(k_prefill_rows, 1, measured_.prefill_threads, prefill_ms_));
    if (is_done) measured_.prefill.observe(k_prefill_rows, 0, prefill_ms_);
    return is_done;
  });
  add([this]() -> base::Result<bool> {
    double ms = 0;
    OC_TRY(const bool is_done, choose_threads(1, 3, measured_.decode_threads, ms));
    if (is_done) measured_.steps.set(0, ms);
    return is_done;
  });
  for (std::size_t i = 1; i < StepTimes::k_rows.size(); ++i)
    add([this, i]() -> base::Result<bool> {
      const int rows = StepTimes::k_rows[i];
      OC_TRY(const double ms, time_calls(*model_->context_, rows, rows < k_long_rows ? 3 : 1));
      if (ms > 0) measured_.steps.set(i, ms);
      return ms > 0;
    });
  if (has_memory_for_repacking()) add([this] { return compare_repacked(); });
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
    const auto done = there ? steps_.back()() : std::unexpected(there.error());
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
  measured_.is_calibrated = true;
  model_->take_measured(measured_);
}

base::Result<double> Calibration::time_call(llama::Context& context, int rows) {
  std::vector<llama::Row> batch;
  // Any tokens cost the same; the sequence is the timelines' own for saving, empty between their uses.
  for (int i = 0; i < rows; ++i) batch.push_back({i % 256, i, k_scratch_sequence, llama::Row::Logits::unwanted});
  for (llama::Row& row : batch)
    if (rows <= StepTimes::k_most_rows) row.logits = llama::Row::Logits::wanted;
  const auto stop = [this] { return listener_.cancel.is_requested() || (*interrupt_)(); };
  const base::Stopwatch watch;
  OC_TRY(const auto outcome, context.decode(batch, stop));
  const double ms = watch.elapsed_ms();
  context.truncate(k_scratch_sequence, 0);
  return outcome == llama::Context::Outcome::done ? ms : 0.0;
}

base::Result<double> Calibration::time_calls(llama::Context& context, int rows, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    OC_TRY(const double ms, time_call(context, rows));
    if (ms <= 0) return 0.0;
    times.push_back(ms);
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

// The fewest threads of those that are within 2 % of the fastest: others want to run, too.
base::Result<bool> Calibration::choose_threads(int rows, int count, int& chosen, double& best_ms) {
  llama::Context& context = *model_->context_;
  const llama::ContextOptions before = context.options();
  std::set<int> candidates{before.decode_threads, before.prefill_threads};
  if (model_->may_choose_threads_)
    candidates.insert({base::physical_core_count(), static_cast<int>(std::thread::hardware_concurrency())});
  candidates.erase(0);  // the system may not say
  best_ms = 0;
  constexpr double k_worth_more_threads = 0.98;
  for (const int threads : candidates) {
    context.set_threads(threads, threads);
    const auto ms = time_calls(context, rows, count);
    context.set_threads(before.prefill_threads, before.decode_threads);
    if (!ms) return std::unexpected(ms.error());
    if (*ms <= 0) return false;
    if (best_ms > 0 && *ms >= best_ms * k_worth_more_threads) continue;
    best_ms = *ms;
    chosen = threads;
  }
  return true;
}

bool Calibration::has_memory_for_repacking() const {
  const protocol::ModelFacts& facts = model_->facts_;
  if (facts.weight_bytes < k_small_weights || model_->policy_.is_repacked) return false;
  // Beside the mapped weights, which count as available memory, their repacked copy.
  return base::memory_facts().available.value > 2 * facts.weight_bytes + facts.buffer_bytes;
}

base::Result<bool> Calibration::compare_repacked() {
  std::atomic<bool> stop{false};
  const auto progress = [&](double) { stop = listener_.cancel.is_requested() || (*interrupt_)(); };
  auto other =
      llama::Model::load(base::path_from_utf8(model_->facts_.path), llama::LoadScope::repacked_weights, progress, stop);
  if (stop) return false;
  if (!other) return true;  // what cannot be loaded that way is not used that way
  auto context = llama::Context::create(*other, {256, measured_.prefill_threads, measured_.decode_threads});
  if (!context) return true;
  auto prefill_ms = time_call(*context, 1);
  if (prefill_ms && *prefill_ms > 0) prefill_ms = time_call(*context, k_prefill_rows);
  const auto decode_ms = prefill_ms && *prefill_ms > 0 ? time_calls(*context, 1, 3) : base::Result<double>(0.0);
  if (!prefill_ms || !decode_ms) return true;
  if (*prefill_ms <= 0 || *decode_ms <= 0) return false;
  measured_.repack = prefill_ms_ > *prefill_ms * k_repack_gain && *decode_ms < measured_.steps.ms(1) * k_repack_gain;
  return true;
}

}  // namespace oc::inference
