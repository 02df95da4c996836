// SPDX-License-Identifier: Apache-2.0
#include "llama/runtime.hpp"

#include <fmt/format.h>
#include <ggml-backend.h>
#include <ggml.h>
#include <llama.h>

#include <mutex>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "base/user_folders.hpp"

namespace oc::llama {
namespace {

// The one global of this folder: libllama reports reasons only through its log.
struct LastError {
  std::mutex mutex;
  std::string line;
  bool is_captured = false;  // errors are not logged
  std::function<void(std::string_view text)> watcher;
};
LastError& last_error() {
  static LastError instance;
  return instance;
}

void on_log(ggml_log_level level, const char* text, void*) {
  {
    LastError& last = last_error();
    const std::lock_guard lock(last.mutex);
    if (last.watcher) last.watcher(text);
  }
  if (level != GGML_LOG_LEVEL_ERROR && level != GGML_LOG_LEVEL_WARN) return;
  const std::string line(base::trim(text));
  if (line.empty()) return;
  bool is_failure = level == GGML_LOG_LEVEL_ERROR;
  if (is_failure) {
    LastError& last = last_error();
    const std::lock_guard lock(last.mutex);
    // The first line of a failure names the cause, those after it only repeat that something failed.
    if (last.line.empty()) last.line = line;
    is_failure = !last.is_captured;
  }
  base::log(is_failure ? base::LogLevel::warning : base::LogLevel::debug, line);
}

}  // namespace

void start_runtime(const base::Path& backends_folder) {
  // When it aborts, ggml starts a debugger for a backtrace: seconds of waiting, and nobody to read it.
  base::set_environment_variable("GGML_NO_BACKTRACE", "1");
  llama_log_set(on_log, nullptr);
  if (backends_folder.empty()) ggml_backend_load_all();
  else ggml_backend_load_all_from_path(base::to_utf8(backends_folder).c_str());
  llama_backend_init();
}

std::string last_error_line() {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  // "llama_model_load: error loading model: …": the function's name tells a user nothing
  const std::size_t colon = last.line.find(": ");
  const bool has_function = colon != std::string::npos && last.line.find(' ') > colon;
  return has_function ? last.line.substr(colon + 2) : last.line;
}

void forget_error_line() {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  last.line.clear();
}

ErrorCapture::ErrorCapture() {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  last.line.clear();
  last.is_captured = true;
}

ErrorCapture::~ErrorCapture() {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  last.is_captured = false;
}

void watch_log(std::function<void(std::string_view text)> watcher) {
  LastError& last = last_error();
  const std::lock_guard lock(last.mutex);
  last.watcher = std::move(watcher);
}

std::string processor_name() {
  ggml_backend_dev_t processor = ggml_backend_dev_by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
  return processor != nullptr ? ggml_backend_dev_description(processor) : "";
}

// Both: they may come in packages of their own, and ggml is what computes.
std::string library_version() { return fmt::format("{}, ggml {}", llama_version(), ggml_version()); }

}  // namespace oc::llama
