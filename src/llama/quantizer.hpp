// SPDX-License-Identifier: Apache-2.0
// Writes a copy of a GGUF with all its matrices in one type. Reads the weights, so a damaged file can abort the
// process: for a disposable child. Temporary names and free space are the caller's matter.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.hpp"
#include "protocol/model_jobs.hpp"

namespace oc::llama {

using protocol::JobProgress;
using protocol::OnJobProgress;
using protocol::QuantizeJob;
using protocol::QuantType;

// "[  12/ 290] blk.1.ffn_up.weight …": the beginning of what libllama logs for each tensor; nullopt for other text.
std::optional<JobProgress> parse_quantize_log(std::string_view text);

// Vectors (norms, biases) stay as they are. 49 s for a 7B with four cores; about 1 GB of memory above the mapped file.
// Kind `model` when the type does not fit the model or libllama cannot (its reason in the message), `io` when the
// target cannot be written; then a part of the target may be there. `progress` must not throw.
base::Result<protocol::QuantizedFile> quantize(const QuantizeJob& job, const OnJobProgress& progress);

}  // namespace oc::llama
