// SPDX-License-Identifier: Apache-2.0
// A function, class or constant goes to another file, in the whole project, without a model: context::plan_move says
// how.
#pragma once

#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "tasks/planned_change.hpp"

namespace oc::tasks {

struct MoveSymbolRequest {
  std::string name;
  base::Path to_file;
  std::optional<base::Path> file;  // where it is defined
  edit::GuardOptions guard;
};

// Kinds: `usage` (as plan_move; a file outside of the project), `denied`, `cancelled`, `io`.
base::Result<PlannedChange> move_symbol(Project& project, const MoveSymbolRequest& request,
                                        const base::CancelToken& cancel);

}  // namespace oc::tasks
