// SPDX-License-Identifier: Apache-2.0
// libllama's process-wide state: the CPU backends and its log. Call start_runtime once, before anything else of this
// folder.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/path.hpp"

namespace oc::llama {

// Loads the CPU variant that fits this machine; `backends_folder` empty: where the system's ggml keeps them. About 10
// ms.
void start_runtime(const base::Path& backends_folder);
// What libllama logged last at level error, for messages; "" if nothing. Any thread.
std::string last_error_line();
void forget_error_line();
// While one lives, from an empty last_error_line() on, what libllama calls an error is not logged as one: a call that
// was stopped is none, and of others the caller tells.
class ErrorCapture {
 public:
  ErrorCapture();
  ~ErrorCapture();
  ErrorCapture(const ErrorCapture&) = delete;
  ErrorCapture& operator=(const ErrorCapture&) = delete;
};
// Gets every piece of text that libllama logs, at any level, from any thread; an empty one ends that. For what libllama
// tells in no other way.
void watch_log(std::function<void(std::string_view text)> watcher);
// What computes, "Intel(R) Core(TM) i5-1135G7 …": another processor gives other last bits. After start_runtime.
std::string processor_name();
// "0.7.0".
std::string library_version();

}  // namespace oc::llama
