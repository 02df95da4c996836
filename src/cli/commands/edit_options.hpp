// SPDX-License-Identifier: Apache-2.0
// What all commands that change files have in common: their options, and the way from a verified edit to the files.
#pragma once

#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/invocation.hpp"
#include "tasks/verified_edit.hpp"

namespace oc::cli {

struct EditOptions {
  bool yes = false;
  bool names_new_file = false;  // the user named the file, and it is not there yet
  bool check = false;
  bool no_checks = false;
  int attempts = 1;
  std::vector<std::string> allow;
};

// --yes --check --no-checks --allow, and --attempts where a model is asked.
enum class Asks { model, nobody };
void add_edit_options(Command& command, EditOptions& options, Asks asks = Asks::model);

// A task with everything but the question: title, guard, gate. Confirms the project's checks where that is needed.
base::Result<tasks::EditTask> make_edit_task(Invocation& invocation, const std::string& title,
                                             const EditOptions& options);

// The end of it: a change that passed is shown, asked for and written (with --check: shown). One that did not is shown
// and is kind `negative` with the reason. Adds the written files to the answer's. Exit code.
base::Result<int> land_edit(Invocation& invocation, tasks::VerifiedEdit& made, const EditOptions& options);

}  // namespace oc::cli
