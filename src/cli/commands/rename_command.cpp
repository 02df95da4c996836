// SPDX-License-Identifier: Apache-2.0
// refactor rename: another name for a symbol, everywhere it is certainly meant. No model is asked.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/commands/language_server_choice.hpp"
#include "cli/exit_code.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "tasks/rename_symbol.hpp"

namespace oc::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t k_most_shown = 50;  // doubts, as text; JSON has them all

struct RenameOptions {
  std::string old_name, new_name, file;
  std::vector<std::string> files;
  EditOptions edit;
  ServerOptions server;
};

void show_plan(Invocation& invocation, const context::RenamePlan& plan) {
  std::size_t files = 0;
  const std::string* last = nullptr;
  for (const context::RenamePlace& place : plan.places) {
    if (last == nullptr || *last != place.path) ++files;
    last = &place.path;
    if (invocation.console.is_verbose())
      invocation.console.note(fmt::format("changed: {}:{}", place.path, place.line.value));
  }
  invocation.console.note(fmt::format("{} {}: {} {} in {} {}", plan.kind, plan.symbol, plan.places.size(),
                                      plan.places.size() == 1 ? "place" : "places", files,
                                      files == 1 ? "file" : "files"));
  if (!plan.witness.empty()) invocation.console.note(fmt::format("{} was asked, too", plan.witness));
  for (std::size_t i = 0; i < plan.unnamed.size() && i < k_most_shown; ++i) {
    const context::RenameDoubt& place = plan.unnamed[i];
    invocation.console.note(fmt::format("changed, though {}: {}:{}", place.reason, place.path, place.line.value));
  }
  for (std::size_t i = 0; i < plan.doubts.size() && i < k_most_shown; ++i) {
    const context::RenameDoubt& doubt = plan.doubts[i];
    invocation.console.note(fmt::format("not dared: {}:{}: {}", doubt.path, doubt.line.value, doubt.reason));
  }
  if (plan.doubts.size() > k_most_shown)
    invocation.console.note(
        fmt::format("not dared: {} more; '--format json' lists them all", plan.doubts.size() - k_most_shown));
}

std::string fields_of(const context::RenamePlan& plan, const std::vector<std::string>& files, const EditOptions& edit) {
  ordered_json fields = {{edit.check ? "would_change" : "files", files},
                         {"symbol", plan.symbol},
                         {"kind", plan.kind},
                         {"places", ordered_json::array()},
                         {"not_dared", ordered_json::array()}};
  for (const context::RenamePlace& place : plan.places)
    fields["places"].push_back({{"path", place.path}, {"line", place.line.value}});
  for (const context::RenameDoubt& doubt : plan.doubts)
    fields["not_dared"].push_back({{"path", doubt.path}, {"line", doubt.line.value}, {"reason", doubt.reason}});
  if (!plan.witness.empty()) {
    fields["language_server"] = plan.witness;
    fields["not_named"] = ordered_json::array();
    for (const context::RenameDoubt& place : plan.unnamed)
      fields["not_named"].push_back({{"path", place.path}, {"line", place.line.value}});
  }
  return fields.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

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
  OC_TRY(tasks::SymbolRename renamed, tasks::rename_symbol(project, request, invocation.cancel));
  for (const std::string& note : renamed.notes) invocation.console.note(note);
  show_plan(invocation, renamed.plan);
  const std::string title = fmt::format("refactor rename {} {}", options.old_name, options.new_name);
  OC_TRY(tasks::EditTask task, make_edit_task(invocation, title, options.edit));
  tasks::VerifiedEdit made;
  made.change = std::move(renamed.change);
  made.change.title = task.title;
  if (made.change.files.empty())
    return base::fail(base::ErrorKind::negative, "no place is certain enough to be changed");
  OC_TRY(tasks::GateVerdict verdict, tasks::pass_gate(made.change, task.gate, invocation.cancel));
  made.fault = std::move(verdict.fault);
  const bool is_text = invocation.console.format() == Format::text;
  if (options.edit.check && made.passed() && !is_text) {
    std::vector<std::string> files;
    for (const edit::FileChange& file : made.change.files) files.push_back(file.shown);
    show_result(invocation, "", fields_of(renamed.plan, files, options.edit));
    return k_exit_negative;
  }
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  if (!options.edit.check) show_result(invocation, "", fields_of(renamed.plan, made.answer.files, options.edit));
  return code;
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
