// SPDX-License-Identifier: Apache-2.0
#include "tasks/inline_symbol.hpp"

#include "context/inline_symbol.hpp"

namespace oc::tasks {

base::Result<PlannedChange> inline_symbol(Project& project, const InlineSymbolRequest& request,
                                          const base::CancelToken& cancel) {
  context::InlineRequest plan;
  plan.name = request.name;
  if (request.file) {
    OC_TRY(plan.file, path_in_project(project, *request.file));
  }
  const std::string word(context::last_part_of_name(request.name));
  OC_TRY(CodeFiles code, read_code_files(project, {word}, {}, cancel));
  plan.files = std::move(code.files);
  plan.paths = std::move(code.paths);
  PlannedChange made;
  made.notes = std::move(code.notes);
  OC_TRY(made.plan, context::plan_inline(plan, cancel));
  OC_CHECK(make_change(made, code.by_path, project.options().workspace, request.guard));
  return made;
}

}  // namespace oc::tasks
