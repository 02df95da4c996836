// SPDX-License-Identifier: Apache-2.0
// A GGUF is opened for the first time in a child process (`offline-coder-engine probe FILE`), because a damaged one can
// abort libllama. The child prints one reply; its death is one more answer.
#pragma once

#include "base/cancel.hpp"
#include "base/path.hpp"
#include "protocol/messages.hpp"

namespace oc::protocol {

// The facts of a model that can be loaded; kind `model` with the reason otherwise. 20 ms for a small vocabulary, about
// 0.5 s for Qwen's; no weights are read.
base::Result<ModelFacts> probe_model(const base::Path& engine_program, const base::Path& model,
                                     const base::CancelToken& cancel);

}  // namespace oc::protocol
