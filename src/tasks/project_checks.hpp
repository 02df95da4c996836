// SPDX-License-Identifier: Apache-2.0
// The commands by which a project is checked (formatter, compiler, linter, tests), from the configuration: which they
// are, whether they may run, how they ended. What is done about a failure is the caller's business.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "sandbox/run_command.hpp"
#include "sandbox/trusted_commands.hpp"

namespace oc::tasks {

struct CheckOptions {
  base::Path workspace;
  std::vector<std::string> lines;  // check.commands, as they stand in the configuration
  sandbox::CommandOrigin origin = sandbox::CommandOrigin::user;
  std::string source;                           // where they stand, for messages: "/p/.offline-coder/config.yaml:3"
  base::Path state_folder;                      // the user's: what was confirmed is remembered there
  sandbox::RunLimits limits{};                  // of each command
  std::vector<std::string> more_environment{};  // check.environment
};

struct CheckCommand {
  sandbox::ProjectCommand command;  // where it runs: the workspace
  std::string shown;                // for people, controls escaped
  bool is_trusted = false;          // may it run without being asked for?
};

struct CheckPlan {
  CheckOptions options;
  std::vector<CheckCommand> commands;  // in the order they run; empty: nothing is configured

  bool is_empty() const { return commands.empty(); }
  bool is_trusted() const;  // all of them
};

// Kind `configuration` for a line that is no command (the message names it and the source), `io` when the list of
// trusted commands cannot be read.
base::Result<CheckPlan> make_check_plan(const CheckOptions& options);
// The user said yes to all commands of the plan: remembered, and the plan says so.
base::Result<void> trust_commands(CheckPlan& plan);
// Kind `denied` naming the first command that was not confirmed, with what to do; success if all may run.
base::Result<void> require_trust(const CheckPlan& plan);

struct CheckResult {
  std::string shown;  // the command
  sandbox::Outcome outcome;
  std::string ending;  // "exit code 1", "stopped after 60 s (the limit)"

  bool passed() const { return outcome.is_success(); }
};

struct CheckReport {
  std::vector<CheckResult> results;  // of all commands, in order

  bool passed() const;
  std::size_t failure_count() const;
};

struct CheckStarted {
  std::size_t number = 0;  // from 1
  std::size_t total = 0;
  std::string shown;
};
// The next bytes a command printed; raw.
struct CheckOutput {
  std::string_view bytes;
};
struct CheckEnded {
  const CheckResult& result;
};
using CheckEvent = std::variant<CheckStarted, CheckOutput, CheckEnded>;
using CheckEventSink = std::function<void(const CheckEvent&)>;

// Runs all commands one after the other, whatever the ones before say. Kind `denied` before anything runs if one is not
// trusted (require_trust), `cancelled`, `io`. An empty plan passes. `on_event` may be empty.
base::Result<CheckReport> run_checks(const CheckPlan& plan, const base::CancelToken& cancel,
                                     const CheckEventSink& on_event = {});

// What a model is told of the failures, at most `budget` bytes of UTF-8 without controls: for each failed command what
// it was, how it ended, the lines around its first errors and its last lines. "" when all passed.
std::string diagnostics_text(const CheckReport& report, base::ByteCount budget);

}  // namespace oc::tasks
