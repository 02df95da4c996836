// SPDX-License-Identifier: Apache-2.0
// The end of every refactoring that asks no model: what is changed and what was not dared is said, the change passes
// the gate and is landed.
#pragma once

#include <string>

#include "cli/commands/edit_options.hpp"
#include "cli/invocation.hpp"
#include "tasks/planned_change.hpp"

namespace oc::cli {

// Kind `usage` where there is no project. Exit code as land_edit, `negative` when no place is certain.
base::Result<int> land_plan(Invocation& invocation, const std::string& title, tasks::PlannedChange& planned,
                            const EditOptions& options);

}  // namespace oc::cli
