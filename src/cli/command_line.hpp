// SPDX-License-Identifier: Apache-2.0
// The table of commands and what all of them share on the command line. A command is a row: name, one line of help, its
// options, the function that runs it; commands/*.cpp add the rows.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/invocation.hpp"

namespace oc::cli {

// 0 or 1 (done, but the answer is no); anything else is an Error.
using RunCommand = std::function<base::Result<int>(Invocation&)>;

struct Command {
  std::string name;         // "gen", "model import"
  CLI::App* app = nullptr;  // for its own options
  CommonOptions options;
  RunCommand run;
};

class CommandLine {
 public:
  CommandLine();

  // A command with the common options. `path` is its name, or "parent child". The reference stays valid.
  Command& add(const std::string& path, const std::string& help, RunCommand run);
  // --max-tokens --temperature --seed --system, for commands that generate.
  static void add_generation_options(Command& command);
  // --explain-context --context-tokens --map-tokens, for commands that use the project.
  static void add_context_options(Command& command);
  // --dry-run, for commands that ask the model one thing.
  static void add_dry_run(Command& command);
  // An option whose value is a key of the configuration.
  static void add_setting(Command& command, const std::string& option, const std::string& key, const std::string& help);

  struct Parsed {
    Command* command = nullptr;  // null: help or version was asked for, `text` is the answer
    std::string text;
  };
  // Kind `usage` with the nearest command's name for what cannot be understood.
  base::Result<Parsed> parse(std::vector<std::string> words);

 private:
  void add_common_options(Command& command);

  CLI::App app_;
  std::list<Command> commands_;
};

// Each adds its row or rows.
void add_answer_commands(CommandLine& line);  // gen, explain, debug, complete
void add_ask_command(CommandLine& line);
void add_chat_command(CommandLine& line);
void add_config_command(CommandLine& line);
void add_init_command(CommandLine& line);
void add_model_commands(CommandLine& line);  // model list|info|import|use|optimize|tokenize
void add_batch_command(CommandLine& line);
void add_engine_commands(CommandLine& line);  // engine status|stop
void add_warm_command(CommandLine& line);     // engine warm|saved
void add_doctor_command(CommandLine& line);
void add_scan_command(CommandLine& line);
void add_session_commands(CommandLine& line);  // session list|show|delete|export|search
void add_context_command(CommandLine& line);
void add_clear_command(CommandLine& line);
void add_check_command(CommandLine& line);
void add_apply_command(CommandLine& line);
void add_undo_commands(CommandLine& line);  // undo, redo
void add_fix_command(CommandLine& line);
void add_doc_command(CommandLine& line);
void add_refactor_command(CommandLine& line);
void add_rename_command(CommandLine& line);      // refactor rename
void add_code_move_commands(CommandLine& line);  // refactor extract, inline, move
void add_test_command(CommandLine& line);
void add_commit_message_command(CommandLine& line);
void add_pr_description_command(CommandLine& line);
void add_quality_command(CommandLine& line);
void add_review_command(CommandLine& line);

}  // namespace oc::cli
