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

base::LimitedCommand command_of(const RunRequest& request) {
  return {request.command, request.folder, current_environment(request.more_environment), request.input};
}

base::ProcessLimits limits_of(const RunRequest& request) {
  return {request.limits.time, request.limits.memory, request.limits.processes, request.limits.file_size};
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
  KeptOutput output(request.limits.output);
  OC_TRY(base::LimitedExit exit,
         base::run_limited(command_of(request), limits_of(request), cancel, [&](std::string_view piece) {
           output.add(piece);
           if (on_output) on_output(piece);
         }));
  return Outcome{exit.ending,     exit.code,    std::move(exit.signal), std::move(exit.problem),
                 output.finish(), exit.duration};
}

base::Result<base::LimitedDialogue> start_dialogue(const RunRequest& request, const base::CancelToken& cancel,
                                                   base::DialogueSinks sinks) {
  return base::LimitedDialogue::start(command_of(request), limits_of(request), cancel, std::move(sinks));
}

}  // namespace oc::sandbox
