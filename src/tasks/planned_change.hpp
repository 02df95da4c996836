// SPDX-License-Identifier: Apache-2.0
// What a refactoring without a model made of a project: its plan, and the change of files that it comes to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "context/refactor_plan.hpp"
#include "context/source_file.hpp"
#include "edit/change.hpp"
#include "edit/file_guard.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

struct PlannedChange {
  context::RefactorPlan plan;
  edit::Change change;             // without a title; empty when nothing may be changed
  std::vector<std::string> notes;  // files that could not be read, one sentence each
};

using FilesByPath = std::map<std::string, context::SourceFile>;

// Makes the change of the plan. `files`: those that it names; one that is missing there is new. Kinds: `denied`, `io`.
base::Result<void> make_change(PlannedChange& made, const FilesByPath& files, const base::Path& workspace,
                               const edit::GuardOptions& guard);

}  // namespace oc::tasks
