// SPDX-License-Identifier: Apache-2.0
// Measures what Speeds wants to know of a model on this machine, in steps that anything else may come between. Under
// 20 s of computing for a 7B on two cores; work of Priority::idle unless a person asked for it.
#pragma once

#include <functional>
#include <vector>

#include "inference/gguf_model.hpp"

namespace oc::inference {

class Calibration final : public Generation {
 public:
  Calibration(GgufModel& model, Listener listener);
  ~Calibration() override;
  Calibration(const Calibration&) = delete;
  Calibration& operator=(const Calibration&) = delete;

  State state() const override { return state_; }
  void advance(const Interrupt& interrupt) override;
  base::Result<protocol::Generated> take_result() override { return std::move(result_); }
  bool wants_model() const override { return model_ == nullptr; }
  void take_model(LanguageModel& model) override;

  // It begins anew with the next model.
  void let_go();

 private:
  // One measurement; false when it was interrupted and is to be made again.
  using Step = std::function<base::Result<bool>()>;
  void plan();
  // Milliseconds of one call of `rows` rows at the beginning of an empty sequence; 0: interrupted.
  base::Result<double> time_call(llama::Context& context, int rows);
  // The median of a few.
  base::Result<double> time_calls(llama::Context& context, int rows, int count);
  base::Result<bool> choose_threads(int rows, int count, int& chosen, double& best_ms);
  base::Result<bool> compare_repacked();
  bool has_memory_for_repacking() const;

  GgufModel* model_;  // null: it let go of it
  Listener listener_;
  const Interrupt* interrupt_ = nullptr;  // of the step in progress
  State state_ = State::prefill;
  std::vector<Step> steps_;  // the next one is the last
  Speeds measured_;
  double prefill_ms_ = 0;  // of k_prefill_rows, with the fastest threads
  base::Result<protocol::Generated> result_;
};

}  // namespace oc::inference
