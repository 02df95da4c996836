// SPDX-License-Identifier: Apache-2.0
// The disposable child's part of protocol/model_jobs.hpp: does the work and prints its lines on standard output.
#pragma once

#include "protocol/model_jobs.hpp"

namespace oc::server {

// Both print one last line, facts or error, and return the exit code. When nobody reads any more (whoever started this
// process is gone) the work is dropped: a quantize job then ends the process at the next tensor and removes its target.
int run_quantize_job(const protocol::QuantizeJob& job, const base::Path& backends_folder);
int run_measure_job(const protocol::MeasureJob& job, const base::Path& backends_folder);

}  // namespace oc::server
