// SPDX-License-Identifier: Apache-2.0
#include "tasks/move_symbol.hpp"

#include <unordered_map>

#include "context/move_symbol.hpp"

namespace oc::tasks {
namespace {

// Which files import which, as the index knows it.
base::Result<std::map<std::string, std::vector<std::string>>> load_imports(Project& project) {
  context::IndexQuery query = project.index().query();
  OC_TRY(const auto rows, query.load_files());
  std::unordered_map<context::FileId, std::string> paths;
  for (const context::FileRow& row : rows) paths.emplace(row.id, row.path);
  std::map<std::string, std::vector<std::string>> imports;
  for (const context::FileRow& row : rows) {
    OC_TRY(const auto edges, query.load_edges(row.id));
    for (const context::Edge& edge : edges)
      if (edge.name == 0) imports[row.path].push_back(paths[edge.target]);
  }
  return imports;
}

}  // namespace

base::Result<PlannedChange> move_symbol(Project& project, const MoveSymbolRequest& request,
                                        const base::CancelToken& cancel) {
  context::MoveRequest plan;
  plan.name = request.name;
  OC_TRY(plan.to_file, path_in_project(project, request.to_file));
  if (request.file) {
    OC_TRY(plan.file, path_in_project(project, *request.file));
  }
  // How files name each other is seen in all of them.
  OC_TRY(CodeFiles code, read_code_files(project, {""}, {}, cancel));
  plan.files = std::move(code.files);
  plan.paths = std::move(code.paths);
  OC_TRY(plan.imports, load_imports(project));
  PlannedChange made;
  made.notes = std::move(code.notes);
  OC_TRY(made.plan, context::plan_move(plan, cancel));
  OC_CHECK(make_change(made, code.by_path, project.options().workspace, request.guard));
  return made;
}

}  // namespace oc::tasks
