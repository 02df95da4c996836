// SPDX-License-Identifier: Apache-2.0
#include "sandbox/run_command.hpp"

#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "sandbox/environment.hpp"

namespace oc::sandbox {
namespace {

// "60 s", "0.5 s"
std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{} s", std::chrono::duration<double>(time).count());
}

}  // namespace

std::string to_words(const Outcome& outcome, const RunLimits& limits) {
  switch (outcome.ending) {
    case Ending::exited: return fmt::format("exit code {}", outcome.code);
    case Ending::signalled: return fmt::format("killed by {}", outcome.signal);
    case Ending::timed_out: return fmt::format("stopped after {}, the limit", seconds(limits.time));
    case Ending::cancelled: return "stopped";
    case Ending::too_much_memory:
      return fmt::format("stopped: it used more than {} of memory, the limit", base::format_bytes(limits.memory));
    case Ending::too_many_processes:
      return fmt::format("stopped: it had more than {} processes at once, the limit", limits.processes);
    case Ending::not_started: return outcome.problem;
  }
  std::unreachable();
}

base::Result<Outcome> run_command(const RunRequest& request, const base::CancelToken& cancel,
                                  const base::OutputSink& on_output) {
  if (cancel.is_requested()) return Outcome{.ending = Ending::cancelled, .signal = {}, .problem = {}, .output = {}};
  const base::LimitedCommand command{request.command, request.folder, current_environment(request.more_environment),
                                     request.input};
  const base::ProcessLimits limits{request.limits.time, request.limits.memory, request.limits.processes,
                                   request.limits.file_size};
  KeptOutput output(request.limits.output);
  OC_TRY(base::LimitedExit exit, base::run_limited(command, limits, cancel, [&](std::string_view piece) {
           output.add(piece);
           if (on_output) on_output(piece);
         }));
  return Outcome{exit.ending,     exit.code,    std::move(exit.signal), std::move(exit.problem),
                 output.finish(), exit.duration};
}

}  // namespace oc::sandbox
