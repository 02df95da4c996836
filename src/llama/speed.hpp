// SPDX-License-Identifier: Apache-2.0
// How fast a model runs here, measured with a context of its own. Loads the weights, so a damaged file can abort the
// process: for a disposable child.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "protocol/model_jobs.hpp"

namespace oc::llama {

// The middle one, of an even number the mean of the two; 0 of none.
double median(std::vector<double> values);

// A few prefill calls (256 tokens, 128 where these take long) and 16 decoded tokens. The load, then a second for small
// models and up to about 20 s for a 7B on a slow machine. Kinds: `model`, `engine`.
base::Result<protocol::Speed> measure_speed(const protocol::MeasureJob& job);

}  // namespace oc::llama
