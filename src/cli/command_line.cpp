// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/usage_error.hpp"
#include "config/schema.hpp"

namespace oc::cli {
namespace {

// What stands for the value in the help.
std::string placeholder(const std::string& key) {
  const config::Setting* setting = config::find_setting(key);
  if (setting == nullptr) return "TEXT";
  switch (setting->type) {
    case config::ValueType::integer:
    case config::ValueType::number: return "NUMBER";
    case config::ValueType::name_or_path: return "MODEL";
    default: return "TEXT";
  }
}

}  // namespace

CommandLine::CommandLine() : app_("offline-coder: a coding agent that runs on this machine alone", "offline-coder") {
  app_.set_version_flag("--version", "offline-coder " + version());
  app_.require_subcommand(1);
  app_.allow_windows_style_options(false);  // a word that begins with '/' is a path or a prompt, on every system
  app_.footer("'offline-coder COMMAND --help' explains a command. Exit codes and JSON: docs/cli.md");
}

Command& CommandLine::add(const std::string& path, const std::string& help, RunCommand run) {
  CLI::App* parent = &app_;
  std::string name = path;
  if (const std::size_t space = path.find(' '); space != std::string::npos) {
    parent = app_.get_subcommand(path.substr(0, space));
    name = path.substr(space + 1);
  }
  Command& command = commands_.emplace_back();
  command.name = path;
  command.run = std::move(run);
  command.app = parent->add_subcommand(name, help);
  if (command.run) add_common_options(command);
  else command.app->require_subcommand(1);
  return command;
}

void CommandLine::add_setting(Command& command, const std::string& option, const std::string& key,
                              const std::string& help) {
  command.app
      ->add_option_function<std::string>(
          option,
          [&command, option, key](const std::string& text) { command.options.flags.push_back({option, key, text}); },
          help)
      ->type_name(placeholder(key));
}

void CommandLine::add_common_options(Command& command) {
  CommonOptions& options = command.options;
  const bool completes = command.app->get_name() == "complete";
  add_setting(command, "--model", completes ? "completion.model" : "model.name",
              "model to use: a name of 'model list', or a path");
  add_setting(command, "--threads", "model.threads", "threads for inference (default: physical cores)");
  add_setting(command, "--context", "model.context", "tokens of the context window (default: as needed)");
  const auto check_format = [&options](const std::string& word) {
    return word == "text" || word == "json" || word == "jsonl" || (word == "sarif" && options.takes_sarif)
               ? std::string()
               : fmt::format("must be text, json or jsonl, not {}", base::in_quotes(word));
  };
  command.app->add_option("--format", options.format, "text, json (one object) or jsonl (events)")
      ->type_name("FORMAT")
      ->check(check_format);
  command.app->add_flag("--verbose", options.verbose, "say more on standard error");
  command.app->add_flag("--quiet", options.quiet, "say nothing but results and errors");
  command.app->add_option("--config", options.config_file, "configuration file instead of the user's own")
      ->type_name("FILE");
  command.app->add_option("--script", options.script, "replay scripted answers instead of a model (docs/protocol.md)")
      ->type_name("FILE");
  command.app->add_flag("--in-batch", options.in_batch)->group("");  // for 'batch' alone
}

void CommandLine::add_generation_options(Command& command) {
  add_setting(command, "--max-tokens", "generation.max_tokens", "longest answer");
  add_setting(command, "--temperature", "generation.temperature", "0: always the likeliest token; higher: more varied");
  add_setting(command, "--seed", "generation.seed", "same seed, same answer");
  add_setting(command, "--system", "generation.system", "system prompt instead of the built-in one");
}

void CommandLine::add_context_options(Command& command) {
  command.app->add_flag("--explain-context", command.options.explain_context,
                        "print what of the project goes with the request, and why");
  add_setting(command, "--context-tokens", "context.tokens", "the most tokens of other files of the project; 0: none");
  add_setting(command, "--map-tokens", "context.map_tokens", "the most tokens of the map of the project; 0: none");
}

void CommandLine::add_dry_run(Command& command) {
  command.app->add_flag("--dry-run", command.options.dry_run,
                        "say how many tokens the prompt has and how long it will take, and stop");
}

base::Result<CommandLine::Parsed> CommandLine::parse(std::vector<std::string> words) {
  const std::vector<std::string> as_typed = words;
  std::ranges::reverse(words);  // CLI11 takes them from the end
  try {
    app_.parse(words);
  } catch (const CLI::CallForAllHelp&) {
    return Parsed{nullptr, app_.help("", CLI::AppFormatMode::All)};
  } catch (const CLI::CallForVersion&) {
    return Parsed{nullptr, app_.version() + "\n"};
  } catch (const CLI::CallForHelp&) {
    const NamedCommand asked = find_named_command(app_, as_typed);
    const std::size_t own_name = asked.path.rfind(' ');
    return Parsed{nullptr, asked.app->help(own_name == std::string::npos ? "" : asked.path.substr(0, own_name))};
  } catch (const CLI::ParseError& e) {
    return std::unexpected(usage_error(app_, as_typed, e));
  }
  // Of a command and its child, the child: "refactor rename" is both.
  for (Command& command : std::views::reverse(commands_))
    if (command.run && command.app->parsed()) return Parsed{&command, ""};
  return base::fail(base::ErrorKind::usage, "no command was given", "see 'offline-coder --help'");
}

}  // namespace oc::cli
