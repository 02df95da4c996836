// SPDX-License-Identifier: Apache-2.0
// Lines of a file become a function, without a model: the file comes from the disk, the plan from
// context::plan_extract.
#pragma once

#include <string>

#include "base/cancel.hpp"
#include "base/units.hpp"
#include "tasks/planned_change.hpp"

namespace oc::tasks {

struct ExtractFunctionRequest {
  std::string name;
  base::Path file;
  base::LineRange lines;  // may be open at its end
  edit::GuardOptions guard;
};

// Kinds: `usage` (as plan_extract; a file outside of the project, lines that it does not have), `denied`, `io`,
// `too_large`.
base::Result<PlannedChange> extract_function(Project& project, const ExtractFunctionRequest& request);

}  // namespace oc::tasks
