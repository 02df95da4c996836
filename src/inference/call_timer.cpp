// SPDX-License-Identifier: Apache-2.0
#include "inference/call_timer.hpp"

#include <algorithm>
#include <vector>

#include "inference/draft_width.hpp"
#include "inference/timeline.hpp"

namespace oc::inference {

using llama::Context;

namespace {

// Enough layers that one operation more or less in them is nothing; a third of a second of a 7B.
constexpr double k_telling_ms = 300;
// A second sequence, for contexts that nobody else uses.
constexpr int k_copy_sequence = 0;

}  // namespace

// The sequence is the timelines' own for saving, empty between their uses.
base::Result<Context::Outcome> CallTimer::decode(int rows, const llama::StopCheck& stop) {
  std::vector<llama::Row> batch;
  for (int i = 0; i < rows; ++i)
    batch.push_back({i % 256, depth_ + i, k_scratch_sequence, llama::Row::Logits::unwanted});
  for (llama::Row& row : batch)
    if (rows <= StepTimes::k_most_rows) row.logits = llama::Row::Logits::wanted;
  auto outcome = context_->decode(batch, stop);
  context_->truncate(k_scratch_sequence, depth_);
  return outcome;
}

// Each copy of what is there is put behind it.
base::Result<bool> CallTimer::fill(int tokens) {
  const llama::Row first{0, 0, k_scratch_sequence, llama::Row::Logits::unwanted};
  OC_TRY(const auto outcome, context_->decode(std::span(&first, 1), stop_));
  if (outcome == Context::Outcome::stopped) return false;
  for (depth_ = 1; 2 * depth_ <= tokens; depth_ *= 2) {
    if (!context_->restore(k_copy_sequence, context_->save(k_scratch_sequence)))
      return base::fail(base::ErrorKind::engine, "libllama does not take back what it computed");
    context_->move(k_copy_sequence, 0, depth_);
    context_->share(k_copy_sequence, k_scratch_sequence, depth_, 2 * depth_);
    context_->truncate(k_copy_sequence, 0);
  }
  return true;
}

base::Result<double> CallTimer::time_call(int rows) {
  int asked = 0;
  const auto stop = [&] {
    ++asked;
    return stop_();
  };
  const base::Stopwatch watch;
  OC_TRY(const auto outcome, decode(rows, stop));
  if (outcome == Context::Outcome::stopped) return 0.0;
  const double ms = watch.elapsed_ms();
  steps_of_layer_ = asked / std::max(layers_, 1);  // what is before and after the layers is less than one
  return ms;
}

base::Result<double> CallTimer::time_calls(int rows, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) {
    OC_TRY(const double ms, time_call(rows));
    if (ms <= 0) return 0.0;
    times.push_back(ms);
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

base::Result<double> CallTimer::time_layer(int rows) {
  int asked = 0, layers = 0;
  double ms = 0;
  bool is_stopped = false;
  const base::Stopwatch watch;
  const auto stop = [&] {
    if (stop_()) return is_stopped = true;
    if (steps_of_layer_ == 0 || ++asked % steps_of_layer_ != 0) return false;
    ++layers;
    ms = watch.elapsed_ms();
    return ms >= k_telling_ms;
  };
  OC_TRY(const auto outcome, decode(rows, stop));
  if (is_stopped) return 0.0;
  if (outcome == Context::Outcome::done) return watch.elapsed_ms() / std::max(layers_, 1);
  return ms / layers;
}

}  // namespace oc::inference
