// SPDX-License-Identifier: Apache-2.0
// How long calls of a context take, whatever their tokens are: those cost the same.
#pragma once

#include "base/clock.hpp"
#include "llama/context.hpp"

namespace oc::inference {

class CallTimer {
 public:
  // `layers`: of the model. `stop` may end any of the calls.
  CallTimer(llama::Context& context, int layers, llama::StopCheck stop)
      : context_(&context), layers_(layers), stop_(std::move(stop)) {}

  // From now on calls come after so many tokens, as nearly as a power of two is; their contents are nonsense. The
  // context must be empty. false: stopped.
  base::Result<bool> fill(int tokens);
  // Milliseconds of one call of `rows` rows; 0: stopped.
  base::Result<double> time_call(int rows);
  // The median of a few.
  base::Result<double> time_calls(int rows, int count);
  // Milliseconds of a layer in such a call, of which only as many are computed as tell enough: whole calls of a large
  // model take seconds. After a whole call by this timer; 0: stopped.
  base::Result<double> time_layer(int rows);

 private:
  base::Result<llama::Context::Outcome> decode(int rows, const llama::StopCheck& stop);

  llama::Context* context_;
  int layers_;
  llama::StopCheck stop_;
  int depth_ = 0;
  int steps_of_layer_ = 0;  // how often a call asks whether to stop while it computes a layer
};

}  // namespace oc::inference
