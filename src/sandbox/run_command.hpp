// SPDX-License-Identifier: Apache-2.0
// The one way in which the program runs commands of users and projects: limits, a filtered environment, bounded output,
// nothing left behind. Whether a command may run at all is asked before (trusted_commands.hpp).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/limited_process.hpp"
#include "base/path.hpp"
#include "base/process.hpp"
#include "base/units.hpp"
#include "sandbox/kept_output.hpp"

namespace oc::sandbox {

struct RunLimits {
  std::chrono::milliseconds time{std::chrono::minutes(5)};
  base::ByteCount memory{8'000'000'000};     // of the command and all it starts together; 0: none
  int processes = 1000;                      // alive at once; 0: no limit
  base::ByteCount file_size{8'000'000'000};  // of each file that it writes; 0: none
  base::ByteCount output{200'000};           // kept of what it prints
};

struct RunRequest {
  base::CommandWords command;
  base::Path folder;  // absolute, where it runs
  RunLimits limits{};
  std::vector<std::string> more_environment{};  // names beyond the table's, a '*' at the end for all that begin so
  std::string input{};                          // standard input; "": empty
};

using Ending = base::LimitedExit::Ending;

struct Outcome {
  Ending ending = Ending::exited;
  int code = -1;        // of exited
  std::string signal;   // of signalled
  std::string problem;  // of not_started
  Output output;        // both streams in the order they were written, raw bytes
  std::chrono::milliseconds duration{0};

  bool is_success() const { return ending == Ending::exited && code == 0; }
};
// "exit code 1", "killed by SIGSEGV", "stopped after 60 s (the limit)", "there is no program 'ninja' on the PATH" …
std::string to_words(const Outcome& outcome, const RunLimits& limits);

// Runs it to its end or to a limit; a failing, missing or cancelled command is an outcome. `on_output` sees every byte
// as it comes, also those that are not kept. Kind `io` when no process can be started or the folder cannot be entered.
base::Result<Outcome> run_command(const RunRequest& request, const base::CancelToken& cancel,
                                  const base::OutputSink& on_output = {});

// The same command under the same limits, but talked with while it runs; `input` and the limit of what is kept of its
// output have no effect. Kinds: io, also when there is no such program.
base::Result<base::LimitedDialogue> start_dialogue(const RunRequest& request, const base::CancelToken& cancel,
                                                   base::DialogueSinks sinks);

}  // namespace oc::sandbox
