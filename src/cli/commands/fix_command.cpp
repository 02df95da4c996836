// SPDX-License-Identifier: Apache-2.0
// fix -- COMMAND: runs it, has its failure mended, runs it again, until it passes.
#include <memory>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/check_plan.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/project.hpp"
#include "sandbox/command_line.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct FixOptions {
  std::vector<std::string> command;
  std::vector<std::string> files;
  std::string shell;
  int rounds = 3;
  EditOptions edit;
};

// The user typed it, so it runs without being confirmed; with the limits of the project's checks.
base::Result<tasks::CheckPlan> plan_of(Invocation& invocation, const FixOptions& options) {
  if (options.command.empty() == options.shell.empty())
    return base::fail(base::ErrorKind::usage, "there has to be one command",
                      "'offline-coder fix -- pytest -q', or --shell \"make && ./test\" for a line of the shell");
  base::CommandWords words = base::ShellLine{options.shell};
  if (options.shell.empty()) words = base::WordList{options.command};
  OC_TRY(tasks::CheckPlan plan, make_check_plan(invocation));
  plan.options.origin = sandbox::CommandOrigin::user;
  tasks::CheckCommand command;
  command.command = {invocation.workspace, words, invocation.working_directory};
  command.shown = sandbox::display(words);
  command.is_trusted = true;
  plan.commands = {std::move(command)};
  return plan;
}

base::Result<int> run_fix(Invocation& invocation, const FixOptions& options) {
  tasks::FixRequest request;
  OC_TRY(tasks::CheckPlan plan, plan_of(invocation, options));
  OC_TRY(request.files, load_files(invocation, options.files, ""));
  request.workspace = invocation.workspace;
  request.file_limit = invocation.settings.settings().limits.file_bytes;
  request.rounds = options.rounds;
  EditOptions without_checks = options.edit;
  without_checks.no_checks = true;  // the command is the check
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "fix -- " + plan.commands.front().shown, without_checks));
  edit.gate.checks = std::move(plan);
  edit.gate.on_check = show_checks(invocation);
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::fix_command(session, request, std::move(edit)));
  if (made.passed() && made.change.files.empty()) return view.finish(made.answer);
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  return options.edit.check ? code : view.finish(made.answer);
}

}  // namespace

void add_fix_command(CommandLine& line) {
  auto options = std::make_shared<FixOptions>();
  Command& fix = line.add("fix", "Make a failing command pass: 'offline-coder fix -- pytest -q'",
                          [options](Invocation& invocation) { return run_fix(invocation, *options); });
  fix.app->add_option("command", options->command, "the command and its words, behind '--'");
  fix.app->add_option("--shell", options->shell, "a line for the shell instead")->type_name("LINE");
  fix.app->add_option("--file", options->files, "a file that has to do with it; may be given several times")
      ->type_name("FILE")
      ->allow_extra_args(false);
  fix.app->add_option("--rounds", options->rounds, "answers that are tried at most")->check(CLI::Range(1, 10));
  add_edit_options(fix, options->edit);
  CommandLine::add_generation_options(fix);
  CommandLine::add_context_options(fix);
  CommandLine::add_dry_run(fix);
}

}  // namespace oc::cli
