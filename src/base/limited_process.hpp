// SPDX-License-Identifier: Apache-2.0
// A program of somebody else, run to its end within limits, of which nothing is left afterwards: it and whatever it
// started, in its own session without a terminal. Which programs may run, what they get to see of the environment and
// how much of their output is kept is decided in sandbox/.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "base/process.hpp"
#include "base/units.hpp"

namespace oc::base {

// A program and its arguments, UTF-8, passed on as they are. A name with a folder in it ("./gradlew") starts at the
// folder the command runs in; any other is looked up on the PATH.
struct WordList {
  std::vector<std::string> words;  // the first one is the program; never empty
  bool operator==(const WordList&) const = default;
};

// A line for the system's shell: `/bin/sh -c LINE`, on Windows `cmd /d /s /c LINE`. Only what a person wrote as such
// may become one; text of a model or of a file's name never.
struct ShellLine {
  std::string text;
  bool operator==(const ShellLine&) const = default;
};

using CommandWords = std::variant<WordList, ShellLine>;

struct LimitedCommand {
  CommandWords words;
  Path folder;                           // absolute; must exist
  std::vector<std::string> environment;  // "NAME=value": all of it
  std::string input;                     // what standard input holds; "": it is at its end from the start
};

// 0: no limit.
struct ProcessLimits {
  std::chrono::milliseconds time{0};  // until it is told to end
  // Of the command and all it started together, looked at several times a second. Only where the system lets one look
  // (Linux, Windows); elsewhere `memory` limits the address space of each process, and `processes` has no effect.
  ByteCount memory;
  int processes = 0;
  ByteCount file_size;  // of each file it writes; no effect on Windows
};

struct LimitedExit {
  enum class Ending {
    exited,
    signalled,
    timed_out,
    cancelled,
    too_much_memory,
    too_many_processes,
    not_started,  // there is no such program, or it cannot be run
  };
  Ending ending = Ending::exited;
  int code = -1;        // of exited
  std::string signal;   // of signalled: "SIGSEGV", "0xC0000005"
  std::string problem;  // of not_started: "there is no program 'ninja' on the PATH"
  std::chrono::milliseconds duration{0};
};

// How long what is to end may take between being asked to (SIGTERM) and being killed. POSIX only.
inline constexpr std::chrono::milliseconds k_end_grace{300};

// Runs the command to its end, or ends it: at a limit, or when `cancel` is requested. Then, and also when the program
// has ended by itself, all that it started and that still runs is ended, too: its session, and on Linux and Windows
// every descendant, wherever it moved to. The same happens when this process is killed meanwhile. Does not wait for a
// pipe that somebody keeps open.
// `on_output` gets standard output and standard error in the order they were written, as raw bytes, in pieces of any
// size, on the calling thread; it must not throw. Kind `io` when the system cannot start processes or `folder` cannot
// be entered; a missing program is no error but an ending.
Result<LimitedExit> run_limited(const LimitedCommand& command, const ProcessLimits& limits, const CancelToken& cancel,
                                const OutputSink& on_output);

// What a program prints, in pieces of any size, while somebody listens; must not throw.
struct DialogueSinks {
  OutputSink on_output;
  OutputSink on_errors;
};

// A program that is talked with while it runs, under the same limits and with the same end. For one thread; nothing
// happens between two calls but what the system does.
class LimitedDialogue {
 public:
  // `command.input` has no effect. Kind `io` as run_limited, and when there is no such program.
  static Result<LimitedDialogue> start(LimitedCommand command, const ProcessLimits& limits, const CancelToken& cancel,
                                       DialogueSinks sinks);
  LimitedDialogue(LimitedDialogue&& other) noexcept;
  LimitedDialogue& operator=(LimitedDialogue&&) = delete;
  ~LimitedDialogue();  // ends it

  // For its standard input; written as the program takes it, while one listens.
  void say(std::string_view bytes);
  // Waits a moment (20 ms at most) for something to come. False: it has ended, or met a limit and is gone.
  bool listen();
  // Closes its standard input, ends what still runs, and waits until nothing is left. What it has printed until then
  // is heard. `cancelled` where it had not ended before.
  Result<LimitedExit> end();

 private:
  struct State;
  explicit LimitedDialogue(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace oc::base
