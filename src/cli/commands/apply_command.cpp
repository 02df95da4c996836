// SPDX-License-Identifier: Apache-2.0
// apply: an answer of any assistant, from standard input, lands in the files through the same gate as our own. No model
// is asked.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/edit_options.hpp"
#include "edit/answer_edits.hpp"
#include "tasks/verified_edit.hpp"

namespace oc::cli {
namespace {

struct ApplyOptions {
  std::string file, symbol;
  bool whole_file = false;
  EditOptions edit;
};

base::Result<int> run_apply(Invocation& invocation, const ApplyOptions& options) {
  if (!has_piped_input())
    return base::fail(base::ErrorKind::usage, "there is no answer to apply",
                      "pipe it in: 'offline-coder apply < answer.md'");
  OC_TRY(const std::string answer, read_piped_text(invocation));
  OC_TRY(tasks::EditTask task, make_edit_task(invocation, "apply", options.edit));
  task.placement.symbol = options.symbol;
  if (options.whole_file) task.placement.scope = edit::CodeScope::whole_file;
  if (!options.file.empty()) task.placement.file = absolute_path(invocation, options.file).lexically_normal();
  OC_TRY(tasks::VerifiedEdit made, tasks::place_answer(edit::parse_answer(answer), task));
  if (made.passed()) {
    OC_TRY(tasks::GateVerdict verdict, tasks::pass_gate(made.change, task.gate, invocation.cancel));
    made.fault = std::move(verdict.fault);
  }
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  if (options.edit.check) return code;
  const nlohmann::ordered_json fields = {{"files", made.answer.files}};
  show_result(invocation, "", fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  return code;
}

}  // namespace

void add_apply_command(CommandLine& line) {
  auto options = std::make_shared<ApplyOptions>();
  Command& apply = line.add("apply", "Put an answer of any assistant into the files: 'offline-coder apply < answer.md'",
                            [options](Invocation& invocation) { return run_apply(invocation, *options); });
  apply.app->add_option("--file", options->file, "what blocks that name no file are for")->type_name("FILE");
  apply.app
      ->add_option("--symbol", options->symbol, "of the --file: the function, class or other symbol that code is for")
      ->type_name("NAME");
  apply.app->add_flag("--whole-file", options->whole_file, "blocks of code are whole files, whatever they leave out");
  add_edit_options(apply, options->edit, Asks::nobody);
}

}  // namespace oc::cli
