// SPDX-License-Identifier: Apache-2.0
// refactor extract, inline, move: changes of code that a syntax tree decides. No model is asked.
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
#include "tasks/inline_symbol.hpp"
#include "tasks/move_symbol.hpp"

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

base::Result<int> run_inline(Invocation& invocation, const CodeMoveOptions& options) {
  tasks::InlineSymbolRequest request;
  request.name = options.name;
  if (!options.file.empty()) request.file = absolute_path(invocation, options.file).lexically_normal();
  request.guard = guard_options(invocation, options.edit.allow);
  OC_TRY(auto project, open_code(invocation));
  OC_TRY(tasks::PlannedChange planned, tasks::inline_symbol(project, request, invocation.cancel));
  return land_plan(invocation, "refactor inline " + options.name, planned, options.edit);
}

base::Result<int> run_move(Invocation& invocation, const CodeMoveOptions& options) {
  tasks::MoveSymbolRequest request;
  request.name = options.name;
  request.to_file = absolute_path(invocation, options.to_file).lexically_normal();
  if (!options.file.empty()) request.file = absolute_path(invocation, options.file).lexically_normal();
  request.guard = guard_options(invocation, options.edit.allow);
  OC_TRY(auto project, open_code(invocation));
  OC_TRY(tasks::PlannedChange planned, tasks::move_symbol(project, request, invocation.cancel));
  return land_plan(invocation, fmt::format("refactor move {} {}", options.name, options.to_file), planned,
                   options.edit);
}

void add_extract(CommandLine& line) {
  auto options = std::make_shared<CodeMoveOptions>();
  Command& extract = line.add("refactor extract",
                              "Lines become a function: 'offline-coder refactor extract NAME --file F --lines 10-20'",
                              [options](Invocation& invocation) { return run_extract(invocation, *options); });
  extract.app->add_option("name", options->name, "the name of the new function")->required();
  extract.app->add_option("--file", options->file, "the file that the lines are in")->type_name("FILE")->required();
  extract.app->add_option("--lines", options->lines, "whole statements: 10-20")->type_name("A-B")->required();
  add_edit_options(extract, options->edit, Asks::nobody);
}

void add_inline(CommandLine& line) {
  auto options = std::make_shared<CodeMoveOptions>();
  Command& inlined =
      line.add("refactor inline", "What a name stands for in place of the name: 'offline-coder refactor inline LIMIT'",
               [options](Invocation& invocation) { return run_inline(invocation, *options); });
  inlined.app->add_option("name", options->name, "a function that returns one expression, a constant, a variable")
      ->required();
  inlined.app->add_option("--file", options->file, "where it is defined, if several have the name")->type_name("FILE");
  add_edit_options(inlined, options->edit, Asks::nobody);
}

void add_move(CommandLine& line) {
  auto options = std::make_shared<CodeMoveOptions>();
  Command& moved = line.add(
      "refactor move", "A function, class or constant to another file: 'offline-coder refactor move load files.py'",
      [options](Invocation& invocation) { return run_move(invocation, *options); });
  moved.app->add_option("name", options->name, "its name")->required();
  moved.app->add_option("to", options->to_file, "the file that it goes to; may be new")->required();
  moved.app->add_option("--file", options->file, "where it is defined, if several have the name")->type_name("FILE");
  add_edit_options(moved, options->edit, Asks::nobody);
}

}  // namespace

void add_code_move_commands(CommandLine& line) {
  add_extract(line);
  add_inline(line);
  add_move(line);
}

}  // namespace oc::cli
