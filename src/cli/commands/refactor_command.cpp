// SPDX-License-Identifier: Apache-2.0
// refactor: one request, several places, one verified change.
#include <memory>

#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/landing.hpp"
#include "cli/project.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct RefactorOptions {
  std::string request;
  std::vector<std::string> files;
  EditOptions edit;
};

base::Result<int> run_refactor(Invocation& invocation, const RefactorOptions& options) {
  if (options.request.empty())
    return base::fail(base::ErrorKind::usage, "nothing was said that should be done",
                      "'offline-coder refactor \"split parse into two functions\" src/parse.cpp'");
  tasks::RefactorRequest request;
  OC_TRY(request.request, read_prompt(invocation, options.request));
  OC_TRY(request.files, load_files_and_folders(invocation, options.files, ""));
  request.workspace = invocation.workspace;
  request.file_limit = invocation.settings.settings().limits.file_bytes;
  request.progress_file = journal_folder(invocation) / "refactor.json";
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  if (request.files.empty() && request.project == nullptr)
    return base::fail(base::ErrorKind::usage, "there is no project here to refactor",
                      "name the files behind the request");
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "refactor " + request.request, options.edit));
  for (const tasks::FilePart& part : request.files) edit.seen.push_back({part.file.path, part.file.bytes});
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::refactor(session, request, std::move(edit)));
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  return options.edit.check ? code : view.finish(made.answer);
}

}  // namespace

void add_refactor_command(CommandLine& line) {
  auto options = std::make_shared<RefactorOptions>();
  Command& refactor = line.add(
      "refactor", "Change several places for one purpose: 'offline-coder refactor \"use Path instead of str\" io.py'",
      [options](Invocation& invocation) { return run_refactor(invocation, *options); });
  // Not required here: 'refactor rename' has none.
  refactor.app->add_option("request", options->request, "what to do; '-' reads it from standard input");
  refactor.app->add_option("files", options->files, "files and folders that it is about (default: the project)");
  add_edit_options(refactor, options->edit);
  CommandLine::add_generation_options(refactor);
  CommandLine::add_context_options(refactor);
  CommandLine::add_dry_run(refactor);
}

}  // namespace oc::cli
