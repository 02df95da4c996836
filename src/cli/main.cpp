// SPDX-License-Identifier: Apache-2.0
// offline-coder: parses the command line, runs one command, turns its outcome into an exit code.
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/terminal.hpp"
#include "cli/command_line.hpp"
#include "cli/exit_code.hpp"
#include "cli/json_output.hpp"
#include "cli/landing.hpp"

namespace oc::cli {
namespace {

// The format as typed, for errors that come before the command line is understood.
Format typed_format(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string value = words[i] == "--format" && i + 1 < words.size() ? words[i + 1]
                              : words[i].starts_with("--format=")            ? words[i].substr(9)
                                                                             : "";
    if (value == "json") return Format::json;
    if (value == "jsonl") return Format::jsonl;
  }
  return Format::text;
}

int report(Console& console, const std::string& command, const base::Error& error) {
  console.status("");
  if (console.format() == Format::json) console.out(error_json(command, error) + "\n");
  if (console.format() == Format::jsonl)
    console.out("{\"event\":\"error\"," + error_json(command, error).substr(1) + "\n");
  if (error.kind != base::ErrorKind::cancelled) console.error(error);
  console.flush();
  return exit_code(error.kind);
}

// A result that could not be written is no result, whatever the command thinks.
int checked_exit(Console& console, int code) {
  console.flush();
  if (console.write_failure() == Console::WriteFailure::none) return code;
  if (console.write_failure() == Console::WriteFailure::other)
    console.error({base::ErrorKind::io, "cannot write to standard output: " + console.write_failure_reason(), ""});
  return exit_code(base::ErrorKind::io);
}

int run_command(Command& command) {
  auto invocation = prepare_invocation(command.name, command.options);
  if (!invocation) {
    Console console({command.options.format == "json"    ? Format::json
                     : command.options.format == "jsonl" ? Format::jsonl
                                                         : Format::text});
    return report(console, command.name, invocation.error());
  }
  base::cancel_on_interrupt(invocation->cancel);
  if (command.options.in_batch) base::end_with_parent();  // or it would go on changing files
  recover_changes(*invocation);
  const auto code = command.run(*invocation);
  Console& console = invocation->console;
  if (!code && console.write_failure() != Console::WriteFailure::none) return checked_exit(console, 0);
  return checked_exit(console, code ? *code : report(console, command.name, code.error()));
}

int run(const std::vector<std::string>& words) {
  CommandLine line;
  add_answer_commands(line);
  add_ask_command(line);
  add_chat_command(line);
  add_session_commands(line);
  add_scan_command(line);
  add_context_command(line);
  add_clear_command(line);
  add_check_command(line);
  add_apply_command(line);
  add_undo_commands(line);
  add_refactor_command(line);
  add_rename_command(line);
  add_code_move_commands(line);
  add_fix_command(line);
  add_test_command(line);
  add_doc_command(line);
  add_commit_message_command(line);
  add_pr_description_command(line);
  add_quality_command(line);
  add_review_command(line);
  add_config_command(line);
  add_init_command(line);
  add_model_commands(line);
  add_batch_command(line);
  add_engine_commands(line);
  add_warm_command(line);
  add_doctor_command(line);
  const auto parsed = line.parse(words);
  Console console({typed_format(words)});
  if (!parsed) return report(console, "", parsed.error());
  if (parsed->command == nullptr) {
    console.out(parsed->text);
    return checked_exit(console, k_exit_done);
  }
  return run_command(*parsed->command);
}

}  // namespace
}  // namespace oc::cli

int main(int argc, char** argv) {
  oc::base::prepare_standard_streams();
  try {
    return oc::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& e) {
    std::fprintf(stderr,
                 "offline-coder: internal error: %s\n  hint: this is a bug of offline-coder; nothing was changed\n",
                 e.what());
    return oc::cli::exit_code(oc::base::ErrorKind::internal);
  }
}
