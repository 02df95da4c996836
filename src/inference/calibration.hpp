// SPDX-License-Identifier: Apache-2.0
// Measures what Speeds wants to know of a model on this machine, in steps that anything else may come between. Under
// 20 s of computing for a 7B on two cores; work of Priority::idle unless a person asked for it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "inference/call_timer.hpp"
#include "inference/gguf_model.hpp"
#include "inference/time_samples.hpp"
#include "llama/layer_trial.hpp"

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
  void add(Step step) { steps_.insert(steps_.begin(), std::move(step)); }
  // Of what is left out once the whole takes too long: things then stay as they are.
  void add_optional(Step step);
  void plan();
  void plan_threads();
  base::Result<bool> time_step(std::size_t index);
  void plan_step_tokens();
  void plan_attention();
  CallTimer timer(llama::Context& context) const;
  // Prefill and decode with so many threads for all calls of the model's own context.
  base::Result<bool> time_threads(int threads);
  // A context of its own, as the model's would be; null: there is no memory for it.
  base::Result<std::optional<llama::Context>> make_trial(int cells, llama::Attention attention, int step_tokens) const;
  base::Result<bool> time_step_tokens(int step_tokens);
  base::Result<bool> time_attention(llama::Attention attention);
  bool may_be_repacked() const;
  // By a few layers: a load of the whole model would take ten times as long, and all of its memory once more.
  base::Result<bool> compare_repacked();
  void choose_step_tokens();
  void choose_attention();

  GgufModel* model_;  // null: it let go of it
  Listener listener_;
  const Interrupt* interrupt_ = nullptr;  // of the step in progress
  State state_ = State::prefill;
  std::vector<Step> steps_;  // the next one is the last
  Speeds measured_;
  std::optional<llama::LayerTrial> trial_;  // while both layouts are compared
  double spent_ms_ = 0;                     // of computing
  double one_layer_ms_ = 0;                 // of a call of one row; 0: not measured yet
  std::map<int, TimeSamples> prefill_by_threads_, decode_by_threads_, prefill_by_step_;
  struct OfAttention {
    TimeSamples prefill, decode;
  };
  std::map<llama::Attention, OfAttention> by_attention_;
  base::Result<protocol::Generated> result_;
};

}  // namespace oc::inference
