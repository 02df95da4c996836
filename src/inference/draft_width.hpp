// SPDX-License-Identifier: Apache-2.0
// How many guessed tokens are worth checking at once. A call of several rows costs more than one of one row, how much
// more is the machine's nature (StepTimes); how often guesses are right is the answer's.
#pragma once

#include <array>
#include <cstddef>
#include <span>

namespace oc::inference {

// T(N): milliseconds that one call of N rows takes. Filled by measuring; empty: nothing is known.
class StepTimes {
 public:
  static constexpr std::array<int, 6> k_rows{1, 2, 4, 8, 16, 32};
  static constexpr int k_most_rows = k_rows.back();

  bool is_known() const { return ms_[0] > 0; }
  // Between what was measured: on the line between the neighbours.
  double ms(int rows) const;
  // So many answers, a row of each, go on sooner in one call than one after the other, or nobody knows.
  bool is_faster_together(int rows) const { return !is_known() || ms(rows) < rows * ms(1); }
  // Sets the time of one of k_rows.
  void set(std::size_t index, double ms) { ms_[index] = ms; }
  // A call of `rows` rows took `ms`: shifts what is known a little. Ignored while nothing is known.
  void observe(int rows, double ms);
  std::span<const double> all() const { return ms_; }

 private:
  std::array<double, k_rows.size()> ms_{};
};

// For one answer.
class DraftWidth {
 public:
  explicit DraftWidth(StepTimes& times) : times_(&times) {}
  // The times of the model that goes on with the answer.
  void use(StepTimes& times) { times_ = &times; }
  // false: no guesses will be asked for, whatever matches.
  bool is_of_use() const { return times_->is_known(); }
  // Instead of a match: the guesses of a draft model.
  static constexpr int k_of_model = -1;
  // Guessed tokens to ask for when so many tokens before them match; 0: decode plainly. `guess_ms`: what one costs
  // before it is checked.
  std::size_t choose(int matched, double guess_ms = 0) const;
  // What became of a round: `accepted` of `drafted` guesses were right, making and checking them took `ms`. A draft
  // model that was asked and had none was wrong, too.
  void learn(int matched, std::size_t drafted, std::size_t accepted, double ms);

 private:
  // Milliseconds that rounds may lose now, all in all no more than a small part of the answer's time.
  double allowance_ms() const;
  // What is lost when not one guess of a call of so many rows is right.
  double risk_ms(int rows, double guess_ms) const { return times_->ms(rows) - times_->ms(1) + guess_ms * (rows - 1); }
  bool is_allowed(int rows, double guess_ms) const { return risk_ms(rows, guess_ms) <= allowance_ms(); }
  // No round is worth its risk, but a text is copied all the same.
  bool is_trial_due() const { return watched_ >= watch_; }
  void watch(int matched);
  struct Belief {
    double right, wrong;
    double chance() const { return right / (right + wrong); }
  };
  static std::size_t bucket(int matched);

  StepTimes* times_;
  // That one more guess is right, by the length of the match. The start is what edits of code show: copies run on.
  // The last is a draft model's.
  std::array<Belief, 5> beliefs_{{{2, 2}, {6, 2}, {20, 1}, {60, 1}, {6, 2}}};
  // While nothing may be lost, what matches is watched: after so many tokens in a row that would have been guessed
  // right a narrow round is tried, after four times as many when it was wrong.
  static constexpr int k_first_watch = 16, k_next_watch = 4;
  int watched_ = 0, watch_ = k_first_watch;
  int last_matched_ = 0;
  double lost_ms_ = 0;   // by rounds that took longer than plain decoding would have; negative: gained
  double plain_ms_ = 0;  // what this answer would have taken so far without guesses
};

}  // namespace oc::inference
