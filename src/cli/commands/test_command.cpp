// SPDX-License-Identifier: Apache-2.0
// test: writes tests for a file or a symbol of it, runs them, keeps those that pass.
#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/check_plan.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/project.hpp"
#include "tasks/symbol_lookup.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

struct TestOptions {
  std::string subject, symbol, target, run;
  EditOptions edit;
};

// The user typed it, so it runs without being confirmed; with the limits of the project's checks.
base::Result<tasks::CheckPlan> plan_of(Invocation& invocation, const std::string& run) {
  OC_TRY(tasks::CheckPlan plan, make_check_plan(invocation));
  plan.options.lines = {run};
  plan.options.origin = sandbox::CommandOrigin::user;
  plan.options.source = "--run";
  return tasks::make_check_plan(plan.options);
}

// A file, a symbol of it, or a word that is no file: a symbol of the project.
base::Result<void> find_subject(Invocation& invocation, const TestOptions& options, tasks::TestRequest& request) {
  std::vector<tasks::FilePart> parts;
  request.symbol = options.symbol;
  if (request.project != nullptr && options.symbol.empty() && !looks_like_path(options.subject) &&
      !is_existing_path(invocation, options.subject)) {
    OC_TRY(parts, tasks::find_symbol_in_project(*request.project, options.subject));
    request.symbol = options.subject;
  } else {
    OC_TRY(parts, load_files(invocation, {options.subject}, ""));
    if (!options.symbol.empty()) {
      OC_TRY(parts, tasks::find_symbol_in_file(parts.front().file, options.symbol));
    }
  }
  // Overloads stand in one file: all that is between them goes along.
  for (const tasks::FilePart& other : parts) {
    if (other.file.path != parts.front().file.path)
      return base::fail(
          base::ErrorKind::usage,
          fmt::format("{} is declared in {} and in {}", base::in_quotes(request.symbol),
                      base::in_quotes(parts.front().file.shown_path), base::in_quotes(other.file.shown_path)),
          "name the file, and the symbol with --symbol");
    if (parts.front().lines && other.lines)
      parts.front().lines->last = std::max(parts.front().lines->last, other.lines->last);
  }
  request.part = std::move(parts.front());
  return {};
}

base::Result<int> run_test(Invocation& invocation, const TestOptions& options) {
  OC_TRY(auto project, find_project(invocation));
  tasks::TestRequest request;
  request.project = project ? &*project : nullptr;
  OC_CHECK(find_subject(invocation, options, request));
  if (!options.target.empty()) request.target = absolute_path(invocation, options.target).lexically_normal();
  request.workspace = invocation.workspace;
  request.file_limit = invocation.settings.settings().limits.file_bytes;
  EditOptions edit_options = options.edit;
  if (!options.run.empty()) edit_options.no_checks = true;  // the command is the check
  OC_TRY(tasks::EditTask edit, make_edit_task(invocation, "test " + request.part.file.shown_path, edit_options));
  if (!options.run.empty() && !options.edit.no_checks && !options.edit.check) {
    OC_TRY(edit.gate.checks, plan_of(invocation, options.run));
    edit.gate.on_check = show_checks(invocation);
  }
  const bool is_verified = !edit.gate.checks.is_empty();
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(tasks::VerifiedEdit made, tasks::write_tests(session, request, std::move(edit)));
  if (made.passed() && !is_verified && !options.edit.check)
    invocation.console.note(options.edit.no_checks
                                ? "the tests were not run"
                                : "the tests were not run: name the command that does, with --run or check.commands");
  OC_TRY(const int code, land_edit(invocation, made, options.edit));
  return options.edit.check ? code : view.finish(made.answer);
}

}  // namespace

void add_test_command(CommandLine& line) {
  auto options = std::make_shared<TestOptions>();
  Command& test =
      line.add("test", "Write tests and keep those that pass: 'offline-coder test app.py --run \"pytest -q\"'",
               [options](Invocation& invocation) { return run_test(invocation, *options); });
  test.app
      ->add_option("subject", options->subject, "the file to test, or a function, class or other symbol of the project")
      ->required();
  test.app->add_option("--symbol", options->symbol, "only this function, class or other symbol of it")
      ->type_name("NAME");
  test.app->add_option("--run", options->run, "the command that runs the tests (default: check.commands)")
      ->type_name("COMMAND");
  test.app->add_option("--to", options->target, "the file of tests (default: where the project has them)")
      ->type_name("FILE");
  add_edit_options(test, options->edit);
  CommandLine::add_generation_options(test);
  CommandLine::add_context_options(test);
  CommandLine::add_dry_run(test);
}

}  // namespace oc::cli
