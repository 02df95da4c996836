// SPDX-License-Identifier: Apache-2.0
// check: runs the commands that check the project, lists them, or confirms those that the project's own file names.
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/check_plan.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

struct CheckFlags {
  bool list = false, trust = false, yes = false;
};

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string_view word_of(sandbox::CommandOrigin origin) {
  return origin == sandbox::CommandOrigin::project ? "project" : "user";
}

std::string_view word_of(sandbox::Ending ending) {
  using enum sandbox::Ending;
  switch (ending) {
    case exited: return "exited";
    case signalled: return "signalled";
    case timed_out: return "timed_out";
    case cancelled: return "cancelled";
    case too_much_memory: return "too_much_memory";
    case too_many_processes: return "too_many_processes";
    case not_started: return "not_started";
  }
  return "";
}

void say_that_there_are_none(Invocation& invocation) {
  invocation.console.note("no commands are configured that check this project: set check.commands (docs/config.md)");
}

base::Result<int> run_list(Invocation& invocation, const tasks::CheckPlan& plan) {
  if (plan.is_empty()) say_that_there_are_none(invocation);
  std::vector<std::vector<std::string>> rows;
  Json commands = Json::array();
  for (const tasks::CheckCommand& command : plan.commands) {
    rows.push_back({command.shown, command.is_trusted ? "runs" : "not confirmed", plan.options.source});
    Json fields = {{"command", command.shown},
                   {"origin", word_of(plan.options.origin)},
                   {"source", plan.options.source},
                   {"confirmed", command.is_trusted}};
    if (const auto* line = std::get_if<base::ShellLine>(&command.command.command)) fields["shell"] = line->text;
    else fields["words"] = std::get<base::WordList>(command.command.command).words;
    commands.push_back(std::move(fields));
  }
  show_result(invocation, in_columns(rows), dump({{"commands", commands}}));
  return k_exit_done;
}

base::Result<int> run_trust(Invocation& invocation, tasks::CheckPlan& plan, const CheckFlags& flags) {
  if (plan.is_empty()) say_that_there_are_none(invocation);
  std::size_t count = 0;
  for (const tasks::CheckCommand& command : plan.commands) count += command.is_trusted ? 0 : 1;
  if (count > 0 && flags.yes) {
    invocation.console.note("confirmed:\n" + unconfirmed_commands(plan) + "they run from now on without a question");
    OC_CHECK(tasks::trust_commands(plan));
  } else if (count > 0) {
    auto confirmed = confirm_checks(invocation, plan);
    if (!confirmed && confirmed.error().kind == base::ErrorKind::denied && !invocation.console.can_ask())
      confirmed.error().hint =
          "run it at a terminal, or add --yes when you have seen them ('offline-coder check --list')";
    OC_CHECK(confirmed);
  } else if (!plan.is_empty()) {
    invocation.console.note("there is nothing to confirm");
  }
  show_result(invocation, "", dump({{"confirmed", count}}));
  return k_exit_done;
}

std::string to_text(const tasks::CheckReport& report, bool with_times) {
  std::string text;
  for (const tasks::CheckResult& result : report.results) {
    const double seconds = static_cast<double>(result.outcome.duration.count()) / 1000;
    const std::string time = with_times ? fmt::format(" ({:.1f} s)", seconds) : "";
    if (result.passed()) {
      text += fmt::format("passed: {}{}\n", result.shown, time);
      continue;
    }
    text += fmt::format("failed: {}: {}{}\n", result.shown, result.ending, time);
    const std::string output = base::filter_controls(base::to_lf(result.outcome.output.text()));
    text += output + (output.empty() || output.ends_with('\n') ? "" : "\n");
  }
  if (report.results.size() > 1 && !report.passed())
    text += fmt::format("{} of {} checks failed\n", report.failure_count(), report.results.size());
  return text;
}

std::string to_json(const tasks::CheckReport& report) {
  Json checks = Json::array();
  for (const tasks::CheckResult& result : report.results) {
    const sandbox::Outcome& outcome = result.outcome;
    Json fields = {{"command", result.shown},
                   {"passed", result.passed()},
                   {"ending", word_of(outcome.ending)},
                   {"detail", result.ending}};
    if (outcome.ending == sandbox::Ending::exited) fields["exit"] = outcome.code;
    if (outcome.ending == sandbox::Ending::signalled) fields["signal"] = outcome.signal;
    fields["duration_ms"] = outcome.duration.count();
    fields["output"] = base::filter_controls(base::to_lf(outcome.output.text()));
    fields["dropped_bytes"] = outcome.output.dropped.value;
    checks.push_back(std::move(fields));
  }
  return dump({{"passed", report.passed()}, {"checks", checks}});
}

base::Result<int> run_check(Invocation& invocation, const CheckFlags& flags) {
  OC_TRY(tasks::CheckPlan plan, make_check_plan(invocation));
  if (flags.list) return run_list(invocation, plan);
  if (flags.trust) return run_trust(invocation, plan, flags);
  if (plan.is_empty()) say_that_there_are_none(invocation);
  OC_CHECK(confirm_checks(invocation, plan));
  OC_TRY(const tasks::CheckReport report, tasks::run_checks(plan, invocation.cancel, show_checks(invocation)));
  const Console& console = invocation.console;
  show_result(invocation, to_text(report, console.shows_text_live() || console.is_verbose()), to_json(report));
  return report.passed() ? k_exit_done : k_exit_negative;
}

}  // namespace

void add_check_command(CommandLine& line) {
  const auto flags = std::make_shared<CheckFlags>();
  Command& command = line.add("check", "Run the commands that check this project (check.commands)",
                              [flags](Invocation& invocation) { return run_check(invocation, *flags); });
  CLI::Option* list = command.app->add_flag("--list", flags->list, "show the commands and whether they may run");
  CLI::Option* trust =
      command.app->add_flag("--trust", flags->trust, "confirm the commands that the project's own file names")
          ->excludes(list);
  command.app->add_flag("--yes", flags->yes, "confirm without being asked")->needs(trust);
}

}  // namespace oc::cli
