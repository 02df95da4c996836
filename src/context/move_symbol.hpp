// SPDX-License-Identifier: Apache-2.0
// A function, class or constant of a file goes to another file: what it needs of its old one is imported there, and who
// uses it finds it there. Texts in, values out. Knows Python, JavaScript and TypeScript.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "context/refactor_plan.hpp"

namespace oc::context {

struct MoveRequest {
  std::string name;
  std::string file;                                         // where it is defined; "": anywhere
  std::string to_file;                                      // of the project; may be new
  std::vector<RenameFile> files;                            // all that hold the name or name the file, and both files
  std::vector<std::string> paths;                           // of all files of the project
  std::map<std::string, std::vector<std::string>> imports;  // of every file: the files that it imports
};

// Kind `usage`: there is no such name, or several; it is taken at the other file, means something else there, or the
// files would import each other: the reason.
base::Result<RefactorPlan> plan_move(const MoveRequest& request, const base::CancelToken& cancel);

}  // namespace oc::context
