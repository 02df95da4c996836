// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/language_server_choice.hpp"

#include <array>

#include <fmt/format.h>

#include "sandbox/command_line.hpp"

namespace oc::cli {
namespace {

using base::Result;

Result<bool> may_start(Invocation& invocation, const std::string& server, const sandbox::ProjectCommand& command) {
  Console& console = invocation.console;
  OC_TRY(auto trusted, sandbox::TrustedCommands::load(sandbox::trusted_commands_file(invocation.folders.state)));
  // The command is the user's own; what is confirmed is that it may see this project.
  if (trusted.is_trusted(command, sandbox::CommandOrigin::project)) return true;
  if (!console.can_ask()) {
    console.note(
        fmt::format("going on without {}: it is not confirmed for this project; --language-server starts it", server));
    return false;
  }
  console.err(fmt::format("A language server may run what the files of a project say. For {} it would be:\n",
                          base::display(invocation.workspace)));
  console.err(fmt::format("  {}\n", sandbox::display(command.command)), Style::bold);
  const bool agreed = console.ask("Start it, now and whenever it is this?");
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (!agreed) {
    console.note(fmt::format("going on without {}", server));
    return false;
  }
  OC_CHECK(trusted.remember(std::array{command}));
  return true;
}

}  // namespace

void add_server_options(Command& command, ServerOptions& options) {
  auto* with = command.app->add_flag("--language-server", options.with_server,
                                     "ask a language server, too; it may run what the project's files say");
  command.app
      ->add_flag("--no-language-server", options.without_server, "ask none, whatever refactor.use_language_server says")
      ->excludes(with);
}

std::optional<tasks::LanguageServerUse> choose_server(Invocation& invocation, const ServerOptions& options) {
  const config::Settings& settings = invocation.settings.settings();
  if (options.without_server || (!options.with_server && !settings.refactor.use_language_server)) return std::nullopt;
  tasks::LanguageServerUse use;
  use.own_commands = settings.refactor.language_servers;
  use.limits = {settings.refactor.server_time, settings.check.memory, settings.check.processes,
                settings.check.file_bytes, settings.check.output_bytes};
  use.more_environment = settings.check.environment;
  use.tell = [&console = invocation.console](const std::string& note) {
    console.status("");
    console.note(note);
  };
  use.may_start = [&invocation, is_asked_for = options.with_server](const std::string& server,
                                                                    const sandbox::ProjectCommand& command) {
    auto allowed = is_asked_for ? Result<bool>(true) : may_start(invocation, server, command);
    if (allowed && *allowed) invocation.console.status(fmt::format("asking {}", server));
    return allowed;
  };
  return use;
}

}  // namespace oc::cli
