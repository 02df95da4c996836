// SPDX-License-Identifier: Apache-2.0
#include "tasks/rename_symbol.hpp"

#include <unordered_map>

#include "context/import_paths.hpp"

namespace oc::tasks {
namespace {

using base::Result;

// What the files of C and C++ include, also those that hold neither name.
Result<void> read_includes(Project& project, context::RenameRequest& plan) {
  context::IndexQuery query = project.index().query();
  OC_TRY(const auto rows, query.load_files());
  std::unordered_map<context::FileId, std::string> paths;
  for (const context::FileRow& row : rows) paths.emplace(row.id, row.path);
  for (const context::FileRow& row : rows) {
    const syntax::Language* language = syntax::find_language(row.language);
    if (language == nullptr || context::family_of(language->id) != "c") continue;
    OC_TRY(const auto edges, query.load_edges(row.id));
    for (const context::Edge& edge : edges)
      if (edge.name == 0) plan.includes[row.path].push_back(paths[edge.target]);
  }
  return {};
}

}  // namespace

Result<PlannedChange> rename_symbol(Project& project, const RenameSymbolRequest& request,
                                    const base::CancelToken& cancel) {
  context::RenameRequest plan;
  plan.old_name = request.old_name;
  plan.new_name = request.new_name;
  if (request.file) {
    OC_TRY(plan.file, path_in_project(project, *request.file));
  }
  const std::string word(context::last_part_of_name(request.old_name));
  OC_TRY(CodeFiles code, read_code_files(project, {word, request.new_name}, request.only, cancel));
  OC_CHECK(read_includes(project, plan));
  plan.files = std::move(code.files);
  plan.paths = std::move(code.paths);
  context::RenameWitness witness;
  if (request.server)
    witness = [&](auto declarations, auto doubts) {
      return hear_server(*request.server, plan, request.guard, declarations, doubts, cancel);
    };
  PlannedChange made;
  made.notes = std::move(code.notes);
  OC_TRY(made.plan, context::plan_rename(plan, cancel, witness));
  OC_CHECK(make_change(made, code.by_path, project.options().workspace, request.guard));
  return made;
}

}  // namespace oc::tasks
