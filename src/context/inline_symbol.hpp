// SPDX-License-Identifier: Apache-2.0
// What a name stands for, in place of the name: a function that returns one expression, a constant, a variable that is
// given a value once. Texts in, values out. Knows Python, JavaScript and TypeScript. Places where the program might do
// something else are left, and the definition with them.
#pragma once

#include <string>
#include <vector>

#include "context/refactor_plan.hpp"

namespace oc::context {

struct InlineRequest {
  std::string name;
  std::string file;  // where it is defined; "": anywhere. Names of functions' inside are looked for only in a file
  std::vector<RenameFile> files;   // all that hold the name, plain
  std::vector<std::string> paths;  // of all files of the project
};

// Kind `usage`: there is no such name, or several, or nothing can be put in its place: the reason.
base::Result<RefactorPlan> plan_inline(const InlineRequest& request, const base::CancelToken& cancel);

}  // namespace oc::context
