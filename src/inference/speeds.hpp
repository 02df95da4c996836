// SPDX-License-Identifier: Apache-2.0
// What this machine needs for one model: measured by the calibration, learned from every request, kept between runs.
// Forecasts and the width of guesses come from here.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"
#include "inference/draft_width.hpp"
#include "llama/context.hpp"

namespace oc::inference {

// Milliseconds of prefill: a token costs more the more there are before it.
class PrefillTimes {
 public:
  static constexpr std::array<int, 6> k_depths{0, 1024, 2048, 4096, 8192, 16384};

  bool is_known() const;
  // For a part of `tokens` tokens that begins at `depth`; 0 while nothing is known.
  double ms(int tokens, int depth, const StepTimes& steps) const;
  // Such a part took `ms`. Short parts say nothing about a token's price and are passed over.
  void observe(int tokens, int depth, double ms);

  std::array<double, k_depths.size()>& all() { return ms_per_token_; }
  const std::array<double, k_depths.size()>& all() const { return ms_per_token_; }

 private:
  std::array<double, k_depths.size()> ms_per_token_{};  // 0: not seen yet
};

struct Speeds {
  // What is tried: no more than a call of a prompt has.
  static constexpr std::array<int, 3> k_step_tokens{64, 128, llama::k_block_tokens};
  StepTimes steps;
  PrefillTimes prefill;
  double load_ms = 0;  // 0: not seen yet
  bool is_calibrated = false;
  int rounds = 0;           // of calibration
  int prefill_threads = 0;  // that were fastest; 0: not measured
  int decode_threads = 0;
  bool repack = false;  // repacked weights prefill faster here
  int step_tokens = llama::k_usual_step_tokens;
  llama::Attention attention = llama::Attention::flash;
};

// The file for a model and machine; `identity` says what both are.
base::Path speeds_file(const base::Path& folder, std::string_view identity);
// What is known; nothing when there is no such file or it makes no sense.
Speeds load_speeds(const base::Path& file);
// Replaces the file. Kind `io`.
base::Result<void> store_speeds(const base::Path& file, const Speeds& speeds);

}  // namespace oc::inference
