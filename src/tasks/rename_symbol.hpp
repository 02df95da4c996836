// SPDX-License-Identifier: Apache-2.0
// Another name for a symbol of a project, without a model: the files that may hold it come from the index, the places
// from context::plan_rename, and from a language server where one is to be asked. Whether the change passes the gate
// and lands is the caller's business.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "edit/file_guard.hpp"
#include "tasks/planned_change.hpp"
#include "tasks/project.hpp"
#include "tasks/server_witness.hpp"

namespace oc::tasks {

struct RenameSymbolRequest {
  std::string old_name, new_name;
  std::optional<base::Path> file;  // where the symbol is declared
  std::vector<base::Path> only;    // files and folders to look in; empty: all of the project
  edit::GuardOptions guard;
  std::optional<LanguageServerUse> server;  // is to be asked as well
};

// Reads every file of the project that is written in a language that renames are known for. Kinds: `usage` (as
// plan_rename; a file outside of the project), `denied` (a file that may not be changed), `configuration` (of the
// server), `cancelled`, `io`.
base::Result<PlannedChange> rename_symbol(Project& project, const RenameSymbolRequest& request,
                                          const base::CancelToken& cancel);

}  // namespace oc::tasks
