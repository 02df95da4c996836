// SPDX-License-Identifier: Apache-2.0
#include "server/model_jobs.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <fmt/format.h>

#include "base/files.hpp"
#include "llama/quantizer.hpp"
#include "llama/runtime.hpp"
#include "llama/speed.hpp"

namespace oc::server {
namespace {

constexpr int k_exit_unread = 9;  // as offline-coder's own for an output that cannot be written

enum class Reader { there, gone };
Reader print(const protocol::JobLine& line) {
  const std::string text = protocol::encode_job_line(line) + "\n";
  const bool is_written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  return is_written ? Reader::there : Reader::gone;
}

base::Result<protocol::QuantizedFile> quantize(const protocol::QuantizeJob& job) {
  OC_TRY(const auto there, base::find_file_facts(job.target));
  if (there) return base::fail(base::ErrorKind::conflict, fmt::format("{} exists already", base::display(job.target)));
  // libllama cannot be told to stop in the middle; the process can.
  const auto on_progress = [&](protocol::JobProgress progress) {
    if (print(progress) == Reader::there) return;
    (void)base::remove_file(job.target);  // nobody is there to be told
    std::_Exit(k_exit_unread);
  };
  auto done = llama::quantize(job, on_progress);
  if (!done) (void)base::remove_file(job.target);  // the first error is the one to tell
  return done;
}

}  // namespace

int run_quantize_job(const protocol::QuantizeJob& job, const base::Path& backends_folder) {
  llama::start_runtime(backends_folder);
  auto done = quantize(job);
  const bool is_written = done.has_value();
  const Reader reader = is_written ? print(*done) : print(std::move(done).error());
  if (reader == Reader::gone && is_written) (void)base::remove_file(job.target);
  return reader == Reader::there ? 0 : k_exit_unread;
}

int run_measure_job(const protocol::MeasureJob& job, const base::Path& backends_folder) {
  llama::start_runtime(backends_folder);
  auto speed = llama::measure_speed(job);
  const Reader reader = speed ? print(*speed) : print(std::move(speed).error());
  return reader == Reader::there ? 0 : k_exit_unread;
}

}  // namespace oc::server
