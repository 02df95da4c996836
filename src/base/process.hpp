// SPDX-License-Identifier: Apache-2.0
// Other programs: started and left alone, or run to their end. No shell, ever: argv goes through as it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

struct Command {
  Path program;                        // absolute, or a name looked up on the PATH
  std::vector<std::string> arguments;  // without the program's name; UTF-8
};

struct Exit {
  int code = 0;        // the program's own code; -1 when a signal or an exception ended it
  std::string signal;  // "SIGABRT", "0xC0000005": why it ended, empty for an ordinary exit
  std::string output;  // standard output, cut at the limit
  std::string errors;  // standard error, cut at the limit
  bool timed_out = false;
};

// Gets what a program writes to standard output soon after it was written, in pieces of any size; must not throw.
using OutputSink = std::function<void(std::string_view piece)>;

// Runs to the end with empty standard input; kills it (and says timed_out) at the deadline, or when cancelled (kind
// `cancelled`). Each of the two outputs is kept up to `output_limit`, the rest is read and dropped.
// Kind `io` when it cannot be started. `on_output` gets what is kept of standard output as it comes.
Result<Exit> run_process(const Command& command, std::chrono::milliseconds deadline, ByteCount output_limit,
                         const CancelToken& cancel = {}, const OutputSink& on_output = {});

// Starts a program that outlives this one: own session, no terminal, no input, both outputs appended to `log`.
// Returns its process id.
Result<std::int64_t> start_detached(const Command& command, const Path& log);

// For a program that run_process runs and that is nothing without who runs it: when that one ends, however it ends,
// this process gets SIGTERM. On Windows the system ends it (run_process has it in a job), without a chance to tidy up.
// Call it first of all: whoever ended before is not noticed.
void end_with_parent();

// From now on a crash of this process leaves no core file and shows no dialogue; its children inherit that.
void forbid_core_dumps();

bool is_process_alive(std::int64_t pid);
std::int64_t current_process_id();
// The file of the running program, links resolved.
Result<Path> current_executable();
// A program by its name on the PATH; nullopt if there is none.
std::optional<Path> find_program(std::string_view name);

}  // namespace oc::base
