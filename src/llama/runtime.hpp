// SPDX-License-Identifier: Apache-2.0
// libllama's process-wide state: the CPU backends and its log. Call start_runtime once, before anything else of this
// folder.
#pragma once

#include <string>

#include "base/path.hpp"

namespace oc::llama {

// Loads the CPU variant that fits this machine; `backends_folder` empty: where the system's ggml keeps them. About 10
// ms.
void start_runtime(const base::Path& backends_folder);
// What libllama logged last at level error, for messages; "" if nothing. Any thread.
std::string last_error_line();
void forget_error_line();
// "0.7.0".
std::string library_version();

}  // namespace oc::llama
