// SPDX-License-Identifier: Apache-2.0
// What a refactoring without a model made of a project: its plan, and the change of files that it comes to.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/cancel.hpp"
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

// The files of a project that a plan is made from.
struct CodeFiles {
  std::vector<context::RenameFile> files;  // those that hold one of the words, in languages that are known
  std::vector<std::string> paths;          // of all files of the project
  FilesByPath by_path;
  std::vector<std::string> notes;  // files that could not be read, one sentence each
};

// `only`: files and folders, absolute, to read from; empty: all of the project. Kinds: `cancelled`, `io`.
base::Result<CodeFiles> read_code_files(Project& project, const std::vector<std::string>& words,
                                        const std::vector<base::Path>& only, const base::CancelToken& cancel);
// The path as the index has it. Kind `usage` for a file outside of the project.
base::Result<std::string> path_in_project(const Project& project, const base::Path& file);

// Makes the change of the plan. `files`: those that it names; one that is missing there is new. Kinds: `denied`, `io`.
base::Result<void> make_change(PlannedChange& made, const FilesByPath& files, const base::Path& workspace,
                               const edit::GuardOptions& guard);

}  // namespace oc::tasks
