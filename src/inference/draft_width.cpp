// SPDX-License-Identifier: Apache-2.0
#include "inference/draft_width.hpp"

#include <algorithm>
#include <cmath>

#include "inference/drafter.hpp"

namespace oc::inference {
namespace {

constexpr std::array<int, 3> k_bucket_ends{6, 12, 24};  // of matched tokens
// A machine changes slowly; one slow call is a neighbour.
constexpr double k_new_share = 0.05;
// Rounds must promise this much more than plain decoding …
constexpr double k_least_gain = 1.05;
// … and may lose this part of the answer's time, and so many tokens' time before there is any: a round is as wide as
// what it would lose allows, so the first are narrow, and those that follow right ones are wide.
constexpr double k_most_loss = 0.008;
constexpr double k_first_tokens = 2;
// What was gained may be lost again, but no more than so many of the longest calls.
constexpr double k_most_credit_calls = 3;
constexpr int k_narrow_rows = 4;

}  // namespace

double StepTimes::ms(int rows) const {
  if (rows <= 1) return ms_[0];
  const auto above = std::ranges::lower_bound(k_rows, rows);
  if (above == k_rows.end()) return ms_.back() * rows / k_most_rows;
  const auto i = static_cast<std::size_t>(above - k_rows.begin());
  const double share = static_cast<double>(rows - k_rows[i - 1]) / (k_rows[i] - k_rows[i - 1]);
  return ms_[i - 1] + share * (ms_[i] - ms_[i - 1]);
}

void StepTimes::observe(int rows, double ms) {
  if (!is_known() || rows > k_most_rows) return;
  // All of them move with the depth of the context and the machine's load; so a ratio, spread over the neighbours.
  const double ratio = std::clamp(ms / this->ms(rows), 0.5, 2.0);
  for (double& known : ms_) known *= 1 + k_new_share / 4 * (ratio - 1);
  const auto nearest = std::ranges::min_element(k_rows, {}, [rows](int r) { return std::abs(r - rows); });
  ms_[static_cast<std::size_t>(nearest - k_rows.begin())] *= 1 + k_new_share * (ratio - 1);
}

std::size_t DraftWidth::bucket(int matched) {
  if (matched == k_of_model) return k_bucket_ends.size() + 1;
  return static_cast<std::size_t>(std::ranges::upper_bound(k_bucket_ends, matched - 1) - k_bucket_ends.begin());
}

std::size_t DraftWidth::choose(int matched, double guess_ms) const {
  if (!times_->is_known()) return 0;
  const double chance = beliefs_[bucket(matched)].chance();
  std::size_t best = 0;
  double best_speed = k_least_gain / times_->ms(1);
  for (const int rows : StepTimes::k_rows) {
    if (rows == 1 || (!is_allowed(rows, guess_ms) && !(is_trial_due() && rows <= k_narrow_rows))) continue;
    // Tokens of a round: the guesses before the first wrong one, and the one that the model itself adds.
    const double tokens = (1 - std::pow(chance, rows)) / (1 - chance);
    const double speed = tokens / (times_->ms(rows) + guess_ms * (rows - 1));
    if (speed <= best_speed) continue;
    best_speed = speed;
    best = static_cast<std::size_t>(rows) - 1;
  }
  return best;
}

double DraftWidth::allowance_ms() const { return k_first_tokens * times_->ms(1) + k_most_loss * plain_ms_ - lost_ms_; }

void DraftWidth::watch(int matched) {
  const bool goes_on = matched >= Drafter::k_longest_match || matched == last_matched_ + 1;
  watched_ = goes_on ? watched_ + 1 : 0;
  last_matched_ = matched;
}

void DraftWidth::learn(int matched, std::size_t drafted, std::size_t accepted, double ms) {
  const double plain = times_->ms(1) * static_cast<double>(accepted + 1);
  plain_ms_ += plain;
  if (drafted == 0 && matched != k_of_model) return watch(matched);
  lost_ms_ = std::max(-k_most_credit_calls * times_->ms(StepTimes::k_most_rows), lost_ms_ + ms - plain);
  Belief& belief = beliefs_[bucket(matched)];
  belief.right += static_cast<double>(accepted);
  if (accepted == drafted && drafted > 0) return;
  belief.wrong += 1;
  if (is_trial_due() && lost_ms_ > 0) watch_ *= k_next_watch;
  watched_ = 0;
}

}  // namespace oc::inference
