// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/check_plan.hpp"

#include <algorithm>
#include <memory>
#include <variant>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"

namespace oc::cli {

base::Result<tasks::CheckPlan> make_check_plan(const Invocation& invocation) {
  const config::Settings::Check& settings = invocation.settings.settings().check;
  const auto& values = invocation.settings.values();
  const auto commands = std::ranges::find(values, std::string_view("check.commands"), &config::Value::key);
  tasks::CheckOptions options;
  options.workspace = invocation.workspace;
  options.lines = settings.commands;
  if (commands != values.end()) {
    const bool is_project = commands->origin.kind == config::Origin::Kind::project_file;
    options.origin = is_project ? sandbox::CommandOrigin::project : sandbox::CommandOrigin::user;
    options.source = to_string(commands->origin);
  }
  options.state_folder = invocation.folders.state;
  options.limits = {settings.time, settings.memory, settings.processes, settings.file_bytes, settings.output_bytes};
  options.more_environment = settings.environment;
  return tasks::make_check_plan(options);
}

std::string unconfirmed_commands(const tasks::CheckPlan& plan) {
  std::string text;
  for (const tasks::CheckCommand& command : plan.commands)
    if (!command.is_trusted) text += fmt::format("  {}\n", command.shown);
  return text;
}

base::Result<void> confirm_checks(Invocation& invocation, tasks::CheckPlan& plan) {
  Console& console = invocation.console;
  if (plan.is_trusted() || !console.can_ask()) return tasks::require_trust(plan);
  console.err(fmt::format("The project's own settings ({}) name commands to check it:\n",
                          base::in_quotes(plan.options.source)));
  console.err(unconfirmed_commands(plan), Style::bold);
  const bool agreed = console.ask("Run them, now and whenever they are these?");
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  return agreed ? tasks::trust_commands(plan) : tasks::require_trust(plan);
}

tasks::CheckEventSink show_checks(Invocation& invocation) {
  struct Shown {
    base::ControlFilter filter;
    bool is_line_open = false;
  };
  return [&console = invocation.console, shown = std::make_shared<Shown>()](const tasks::CheckEvent& event) {
    if (const auto* started = std::get_if<tasks::CheckStarted>(&event)) {
      const std::string line = fmt::format("check {} of {}: {}", started->number, started->total, started->shown);
      if (console.is_verbose()) console.note(line);
      else console.status(line);
      return;
    }
    if (const auto* output = std::get_if<tasks::CheckOutput>(&event)) {
      const std::string text = console.is_verbose() ? shown->filter.filter(output->bytes) : "";
      if (text.empty()) return;
      console.err(text);
      shown->is_line_open = !text.ends_with('\n');
      return;
    }
    if (shown->is_line_open) console.err("\n");
    *shown = {};
    console.status("");
  };
}

}  // namespace oc::cli
