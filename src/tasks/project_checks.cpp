// SPDX-License-Identifier: Apache-2.0
#include "tasks/project_checks.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "sandbox/command_line.hpp"
#include "tasks/check_excerpt.hpp"

namespace oc::tasks {

using base::ErrorKind;
using base::fail;

namespace {

base::Result<sandbox::TrustedCommands> load_trusted(const CheckOptions& options) {
  return sandbox::TrustedCommands::load(sandbox::trusted_commands_file(options.state_folder));
}

}  // namespace

bool CheckPlan::is_trusted() const { return std::ranges::all_of(commands, &CheckCommand::is_trusted); }

bool CheckReport::passed() const { return failure_count() == 0; }

std::size_t CheckReport::failure_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(results, [](const CheckResult& result) { return !result.passed(); }));
}

base::Result<CheckPlan> make_check_plan(const CheckOptions& options) {
  CheckPlan plan{options, {}};
  if (options.lines.empty()) return plan;
  OC_TRY(const auto trusted, load_trusted(options));
  for (const std::string& line : options.lines) {
    auto words = sandbox::parse_command_line(line);
    if (!words) {
      words.error().message =
          fmt::format("{}: 'check.commands': {}", base::in_quotes(options.source), words.error().message);
      return std::unexpected(std::move(words).error());
    }
    CheckCommand command{{options.workspace, std::move(*words), options.workspace}, {}, false};
    command.shown = sandbox::display(command.command.command);
    command.is_trusted = trusted.is_trusted(command.command, options.origin);
    plan.commands.push_back(std::move(command));
  }
  return plan;
}

base::Result<void> trust_commands(CheckPlan& plan) {
  OC_TRY(auto trusted, load_trusted(plan.options));
  std::vector<sandbox::ProjectCommand> confirmed;
  for (const CheckCommand& command : plan.commands)
    if (!command.is_trusted) confirmed.push_back(command.command);
  if (confirmed.empty()) return {};
  OC_CHECK(trusted.remember(confirmed));
  for (CheckCommand& command : plan.commands) command.is_trusted = true;
  return {};
}

base::Result<void> require_trust(const CheckPlan& plan) {
  const auto unknown = std::ranges::find(plan.commands, false, &CheckCommand::is_trusted);
  if (unknown == plan.commands.end()) return {};
  return fail(ErrorKind::denied,
              fmt::format("{} names the command '{}', which you have not confirmed",
                          base::in_quotes(plan.options.source), unknown->shown),
              "look at its commands and confirm them with 'offline-coder check --trust'");
}

base::Result<CheckReport> run_checks(const CheckPlan& plan, const base::CancelToken& cancel,
                                     const CheckEventSink& on_event) {
  OC_CHECK(require_trust(plan));
  const auto tell = [&on_event](const CheckEvent& event) {
    if (on_event) on_event(event);
  };
  CheckReport report;
  for (const CheckCommand& command : plan.commands) {
    tell(CheckStarted{report.results.size() + 1, plan.commands.size(), command.shown});
    const sandbox::RunRequest request{
        command.command.command, command.command.folder, plan.options.limits, plan.options.more_environment, {}};
    OC_TRY(sandbox::Outcome outcome,
           sandbox::run_command(request, cancel, [&tell](std::string_view bytes) { tell(CheckOutput{bytes}); }));
    if (outcome.ending == sandbox::Ending::cancelled || cancel.is_requested())
      return fail(ErrorKind::cancelled, fmt::format("'{}' was stopped", command.shown));
    std::string ending = sandbox::to_words(outcome, plan.options.limits);
    report.results.push_back({command.shown, std::move(outcome), std::move(ending)});
    tell(CheckEnded{report.results.back()});
  }
  return report;
}

std::string diagnostics_text(const CheckReport& report, base::ByteCount budget) {
  std::string text;
  std::size_t failures_left = report.failure_count();
  for (const CheckResult& result : report.results) {
    if (result.passed()) continue;
    const auto room = static_cast<std::size_t>(std::max<std::int64_t>(0, budget.value)) - text.size();
    const std::size_t share = room / failures_left--;
    std::string part = fmt::format("{}$ {}\n", text.empty() ? "" : "\n", result.shown);
    const std::string ending = fmt::format("({})\n", result.ending);
    if (part.size() + ending.size() > share) continue;  // not even what it was
    part += check_excerpt(result.outcome.output.text(), share - part.size() - ending.size()) + ending;
    text += part;
  }
  return text;
}

}  // namespace oc::tasks
