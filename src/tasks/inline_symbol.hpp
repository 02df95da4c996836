// SPDX-License-Identifier: Apache-2.0
// What a name stands for in place of the name, in the whole project, without a model: context::plan_inline says where.
#pragma once

#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "tasks/planned_change.hpp"

namespace oc::tasks {

struct InlineSymbolRequest {
  std::string name;
  std::optional<base::Path> file;  // where it is defined
  edit::GuardOptions guard;
};

// Kinds: `usage` (as plan_inline; a file outside of the project), `denied`, `cancelled`, `io`.
base::Result<PlannedChange> inline_symbol(Project& project, const InlineSymbolRequest& request,
                                          const base::CancelToken& cancel);

}  // namespace oc::tasks
