// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/chat_commands.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/commands/undo_command.hpp"

namespace oc::cli {
namespace {

constexpr std::array k_commands{
    ChatCommand{"/add", "FILES", "files or folders go with the next message, and again when they change"},
    ChatCommand{"/drop", "FILES", "they go with no message any more"},
    ChatCommand{"/context", "", "what the model sees, with its tokens"},
    ChatCommand{"/diff", "", "the change that waits for a yes"},
    ChatCommand{"/apply", "", "make that change: it is checked, shown and asked for"},
    ChatCommand{"/undo", "", "take the newest change back"},
    ChatCommand{"/run", "COMMAND", "run a line of the shell; the model sees what it prints"},
    ChatCommand{"/review", "FILES", "findings in them, or in what is not committed; the model sees them"},
    ChatCommand{"/model", "NAME", "another model from here on; without a name: which one it is"},
    ChatCommand{"/clear", "", "begin a new conversation; this one is kept"},
    ChatCommand{"/help", "", "this list; Ctrl-C stops an answer, Ctrl-D leaves"},
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  for (text = base::trim(text); !text.empty(); text = base::trim(text)) {
    const std::size_t end = std::min(text.find_first_of(" \t"), text.size());
    words.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::string help_text() {
  std::vector<std::vector<std::string>> rows;
  for (const ChatCommand& command : k_commands)
    rows.push_back({fmt::format("{} {}", command.name, command.what), std::string(command.help)});
  return in_columns(rows) + "@file and @symbol in a message send them along.\n";
}

base::Result<void> for_each_file(std::string_view rest,
                                 const std::function<base::Result<void>(const std::string&)>& action) {
  const auto names = words_of(rest);
  if (names.empty()) return base::fail(base::ErrorKind::usage, "no file was named");
  for (const std::string& name : names) OC_CHECK(action(name.starts_with('@') ? name.substr(1) : name));
  return {};
}

base::Result<void> run_known(ChatSession& chat, std::string_view name, std::string_view rest) {
  if (name == "/add") {
    return for_each_file(rest, [&](const std::string& file) -> base::Result<void> {
      OC_CHECK(chat.add_files({file}));
      chat.invocation().console.note(fmt::format("added {}", file));
      return {};
    });
  }
  if (name == "/drop") return for_each_file(rest, [&](const std::string& file) { return chat.drop_file(file); });
  if (name == "/context") return chat.show_context();
  if (name == "/apply") return chat.apply_proposal();
  if (name == "/run") return chat.run(std::string(rest));
  if (name == "/review") return chat.review(words_of(rest));
  if (name == "/model") return chat.choose_model(std::string(rest));
  if (name == "/undo") {
    OC_CHECK(undo_newest_change(chat.invocation()));
    return {};
  }
  if (name == "/diff") chat.show_proposal();
  if (name == "/help") chat.invocation().console.out(help_text());
  if (name == "/clear") {
    chat.start_anew();
    chat.invocation().console.note("a new conversation begins with your next message");
  }
  return {};
}

}  // namespace

std::span<const ChatCommand> chat_commands() { return k_commands; }

bool is_chat_command(std::string_view message) {
  message = base::trim(message);
  if (!message.starts_with('/') || message.find('\n') != std::string_view::npos) return false;
  const std::string_view name = message.substr(0, message.find_first_of(" \t"));
  // A path has another slash, or letters that no command has.
  return name.size() > 1 && std::ranges::all_of(name.substr(1), [](char c) { return c >= 'a' && c <= 'z'; });
}

bool changes_next_message(std::string_view command) {
  constexpr std::array<std::string_view, 6> k_changing{"/add", "/drop", "/run", "/review", "/model", "/clear"};
  command = base::trim(command);
  return std::ranges::find(k_changing, command.substr(0, command.find_first_of(" \t"))) != k_changing.end();
}

base::Result<void> run_chat_command(ChatSession& chat, std::string_view message) {
  message = base::trim(message);
  const std::size_t end = std::min(message.find_first_of(" \t"), message.size());
  const std::string_view name = message.substr(0, end);
  if (std::ranges::find(k_commands, name, &ChatCommand::name) != k_commands.end())
    return run_known(chat, name, base::trim(message.substr(end)));
  std::vector<std::string> names;
  for (const ChatCommand& command : k_commands) names.emplace_back(command.name);
  const auto nearest = base::find_nearest(name, names);
  return base::fail(base::ErrorKind::usage, fmt::format("there is no command {}", base::in_quotes(name)),
                    nearest ? fmt::format("did you mean {}?", *nearest) : "/help shows them");
}

}  // namespace oc::cli
