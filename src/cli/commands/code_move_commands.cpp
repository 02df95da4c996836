// SPDX-License-Identifier: Apache-2.0
// refactor extract: changes of code that a syntax tree decides. No model is asked.
#include <memory>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/commands/plan_landing.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "context/line_range.hpp"
#include "tasks/extract_function.hpp"

namespace oc::cli {
namespace {

struct CodeMoveOptions {
  std::string name, file, lines, to_file;
  EditOptions edit;
};

base::Result<tasks::Project> open_code(Invocation& invocation) {
  if (invocation.workspace_mark == WorkspaceMark::none)
    return base::fail(base::ErrorKind::usage, "there is no project here to change something in",
                      "'offline-coder init' makes this folder one, as a git repository is one already");
  return open_project(invocation, ScanPatience::unlimited);
}

base::Result<int> run_extract(Invocation& invocation, const CodeMoveOptions& options) {
  tasks::ExtractFunctionRequest request;
  request.name = options.name;
  request.file = absolute_path(invocation, options.file).lexically_normal();
  OC_TRY(request.lines, context::parse_line_range(options.lines));
  request.guard = guard_options(invocation, options.edit.allow);
  OC_TRY(auto project, open_code(invocation));
  OC_TRY(tasks::PlannedChange planned, tasks::extract_function(project, request));
  return land_plan(invocation, "refactor extract " + options.name, planned, options.edit);
}

}  // namespace

void add_code_move_commands(CommandLine& line) {
  auto extract_options = std::make_shared<CodeMoveOptions>();
  Command& extract = line.add(
      "refactor extract", "Lines become a function: 'offline-coder refactor extract NAME --file F --lines 10-20'",
      [extract_options](Invocation& invocation) { return run_extract(invocation, *extract_options); });
  extract.app->add_option("name", extract_options->name, "the name of the new function")->required();
  extract.app->add_option("--file", extract_options->file, "the file that the lines are in")
      ->type_name("FILE")
      ->required();
  extract.app->add_option("--lines", extract_options->lines, "whole statements: 10-20")->type_name("A-B")->required();
  add_edit_options(extract, extract_options->edit, Asks::nobody);
}

}  // namespace oc::cli
