// SPDX-License-Identifier: Apache-2.0
// doc: documentation comments for the symbols of a file that have none.
#include <memory>

#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/project.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct DocOptions {
  std::string file;
  std::vector<std::string> symbols;
  EditOptions edit;
};

base::Result<int> run_doc(Invocation& invocation, const DocOptions& options) {
  OC_TRY(auto parts, load_files(invocation, {options.file}, ""));
  tasks::DocumentRequest request;
  request.file = std::move(parts.front().file);
  request.symbols = options.symbols;
  OC_CHECK(edit::check_may_change(request.file.path, edit::GuardOptions{invocation.workspace, {}}));
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "doc " + request.file.shown_path, options.edit));
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::document(session, request, std::move(edit)));
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  return options.edit.check ? code : view.finish(made.answer);
}

}  // namespace

void add_doc_command(CommandLine& line) {
  auto options = std::make_shared<DocOptions>();
  Command& doc = line.add("doc", "Write documentation comments where there are none: 'offline-coder doc app.py'",
                          [options](Invocation& invocation) { return run_doc(invocation, *options); });
  doc.app->add_option("file", options->file, "the file")->required();
  doc.app->add_option("--symbol", options->symbols, "only this function, class or other symbol; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  add_edit_options(doc, options->edit);
  CommandLine::add_generation_options(doc);
  CommandLine::add_context_options(doc);
  CommandLine::add_dry_run(doc);
}

}  // namespace oc::cli
