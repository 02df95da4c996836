// SPDX-License-Identifier: Apache-2.0
// refactor rename: another name for a symbol, everywhere it is certainly meant. No model is asked.
#include <memory>

#include <fmt/format.h>

#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/commands/language_server_choice.hpp"
#include "cli/commands/plan_landing.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "tasks/rename_symbol.hpp"

namespace oc::cli {
namespace {

struct RenameOptions {
  std::string old_name, new_name, file;
  std::vector<std::string> files;
  EditOptions edit;
  ServerOptions server;
};

base::Result<int> run_rename(Invocation& invocation, const RenameOptions& options) {
  tasks::RenameSymbolRequest request;
  request.old_name = options.old_name;
  request.new_name = options.new_name;
  if (!options.file.empty()) request.file = absolute_path(invocation, options.file).lexically_normal();
  for (const std::string& name : options.files)
    request.only.push_back(absolute_path(invocation, name).lexically_normal());
  request.guard = guard_options(invocation, options.edit.allow);
  request.server = choose_server(invocation, options.server);
  if (invocation.workspace_mark == WorkspaceMark::none)
    return base::fail(base::ErrorKind::usage, "there is no project here to rename something in",
                      "'offline-coder init' makes this folder one, as a git repository is one already");
  OC_TRY(auto project, open_project(invocation, ScanPatience::unlimited));
  OC_TRY(tasks::PlannedChange renamed, tasks::rename_symbol(project, request, invocation.cancel));
  const std::string title = fmt::format("refactor rename {} {}", options.old_name, options.new_name);
  return land_plan(invocation, title, renamed, options.edit);
}

}  // namespace

void add_rename_command(CommandLine& line) {
  auto options = std::make_shared<RenameOptions>();
  Command& rename = line.add("refactor rename",
                             "Another name for a symbol, no model needed: 'offline-coder refactor rename load read'",
                             [options](Invocation& invocation) { return run_rename(invocation, *options); });
  rename.app->add_option("old", options->old_name, "the symbol's name, or its whole name: Class.name, ns::name")
      ->required();
  rename.app->add_option("new", options->new_name, "its new name")->required();
  rename.app->add_option("files", options->files, "files and folders to look in (default: the project)");
  rename.app->add_option("--file", options->file, "where the symbol is declared, if several have the name")
      ->type_name("FILE");
  add_server_options(rename, options->server);
  add_edit_options(rename, options->edit, Asks::nobody);
}

}  // namespace oc::cli
