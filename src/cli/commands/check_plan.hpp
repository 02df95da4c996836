// SPDX-License-Identifier: Apache-2.0
// The commands that check this project, from the settings, and the user's consent to those that the project names.
#pragma once

#include <string>
#include <string_view>

#include "cli/invocation.hpp"
#include "tasks/project_checks.hpp"

namespace oc::cli {

// Kinds: configuration, io. Empty when none is configured.
base::Result<tasks::CheckPlan> make_check_plan(const Invocation& invocation);

// Shows the commands that are not confirmed yet and asks for them, once for all; what was confirmed is remembered. Kind
// `denied` when the answer is no, or nobody can be asked: no flag stands for this yes but 'check --trust --yes'.
base::Result<void> confirm_checks(Invocation& invocation, tasks::CheckPlan& plan);

// "  ninja -C build" on a line for each command that is not confirmed; controls escaped.
std::string unconfirmed_commands(const tasks::CheckPlan& plan);

// What is shown while checks run: a status line with the command, and with --verbose what it prints. The invocation
// must outlive it.
tasks::CheckEventSink show_checks(Invocation& invocation);

}  // namespace oc::cli
