// SPDX-License-Identifier: Apache-2.0
// Lines of a function become a function of their own, with a call in their place. Text in, values out. Knows Python,
// JavaScript and TypeScript; what runs otherwise afterwards, or may, is refused.
#pragma once

#include <string>
#include <vector>

#include "context/refactor_plan.hpp"

namespace oc::context {

struct ExtractRequest {
  std::string name;  // of the new function
  RenameFile file;
  base::LineRange lines;
  std::vector<std::string> taken_at;  // "path:line": where other files of the project declare something of the name
};

// Kind `usage`, with what stands against it: the lines are no whole statements, jump out of them, change what a
// function inside sees, need a type that is written nowhere …; the name is none or taken; the language is none of
// those.
base::Result<RefactorPlan> plan_extract(const ExtractRequest& request);

}  // namespace oc::context
