// SPDX-License-Identifier: Apache-2.0
// chat: a conversation at a terminal, or messages from a pipe.
#include <memory>

#include <fmt/format.h>

#include "base/terminal.hpp"
#include "base/text.hpp"
#include "cli/chat/chat_commands.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/chat/chat_terminal.hpp"
#include "cli/chat/message_source.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/exit_code.hpp"

namespace oc::cli {
namespace {

// All of standard input is one message, whatever it holds: nothing in it is a command.
base::Result<int> answer_input(Invocation& invocation, const ChatOptions& options) {
  OC_TRY(const std::string text, read_piped_text(invocation));
  if (base::is_blank(text))
    return base::fail(base::ErrorKind::usage, "there is no message",
                      "pipe one in: 'echo \"What does it do?\" | offline-coder chat'");
  OC_TRY(const auto chat, ChatSession::open(invocation, options));
  return chat->ask(std::string(base::trim_end(text)));
}

// The first message or command that fails ends it.
base::Result<int> answer_lines(Invocation& invocation, const ChatOptions& options) {
  if (invocation.console.format() == Format::json)
    return base::fail(base::ErrorKind::usage, "--lines prints an object for each message",
                      "use --format jsonl, an object a line");
  OC_TRY(const auto chat, ChatSession::open(invocation, options));
  PlainLines lines(invocation.settings.settings().limits.prompt_bytes, "");
  int code = k_exit_done;
  while (true) {
    OC_TRY(const MessageSource::Next next, lines.next());
    if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    if (next.kind != MessageSource::Next::Kind::message) return code;
    if (base::is_blank(next.text)) continue;
    if (is_chat_command(next.text)) {
      OC_CHECK(run_chat_command(*chat, next.text));
    } else {
      OC_TRY(code, chat->ask(next.text));
    }
    invocation.console.flush();
  }
}

void greet(Invocation& invocation, const ChatSession& chat) {
  Console& console = invocation.console;
  if (chat.id())
    console.note(
        fmt::format("session {} goes on after {} {}", *chat.id(), chat.turns(), chat.turns() == 1 ? "turn" : "turns"));
  console.note("/help shows the commands; Ctrl-C stops an answer, Ctrl-D leaves");
}

// A message or a command; what goes wrong is said, and the conversation goes on.
void take_turn(Invocation& invocation, ChatSession& chat, const std::string& text) {
  Console& console = invocation.console;
  base::Result<void> done;
  if (is_chat_command(text)) {
    done = run_chat_command(chat, text);
    if (done && changes_next_message(text)) chat.read_ahead();
  } else if (const auto code = chat.ask(text); !code) {
    done = std::unexpected(code.error());
  }
  invocation.cancel.flag().store(false);  // the next Ctrl-C is for something else
  console.status("");
  if (!done && done.error().kind == base::ErrorKind::cancelled) console.note("stopped; what there is of it is kept");
  else if (!done) console.error(done.error());
  console.flush();
}

base::Result<int> talk(Invocation& invocation, const ChatOptions& options) {
  OC_TRY(const auto chat, ChatSession::open(invocation, options));
  const auto source = open_chat_terminal(*chat);
  greet(invocation, *chat);
  chat->read_ahead();
  while (!base::is_end_requested()) {
    invocation.cancel.flag().store(false);  // a Ctrl-C was for the turn before
    OC_TRY(const MessageSource::Next next, source->next());
    if (next.kind == MessageSource::Next::Kind::end) break;
    if (next.kind == MessageSource::Next::Kind::interrupted || base::is_blank(next.text)) continue;
    invocation.cancel.flag().store(false);
    take_turn(invocation, *chat, next.text);
    if (invocation.console.write_failure() != Console::WriteFailure::none) break;
  }
  if (chat->id() && !options.no_save)
    invocation.console.note(fmt::format("'offline-coder chat --continue' goes on with session {}", *chat->id()));
  if (base::is_end_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  return k_exit_done;
}

base::Result<int> queue_beginning(Invocation& invocation, const ChatOptions& options) {
  OC_TRY(const auto chat, ChatSession::open(invocation, options));
  OC_CHECK(chat->queue_beginning());
  return k_exit_done;
}

base::Result<int> run_chat(Invocation& invocation, const ChatOptions& options) {
  if (options.ahead) return queue_beginning(invocation, options);
  if (options.continues && options.resume)
    return base::fail(base::ErrorKind::usage, "--continue and --resume both say which session",
                      "leave one of them out");
  if (options.lines) return answer_lines(invocation, options);
  if (has_piped_input()) return answer_input(invocation, options);
  if (invocation.console.format() != Format::text)
    return base::fail(base::ErrorKind::usage, "a conversation at a terminal has no JSON", "pipe the message in");
  return talk(invocation, options);
}

}  // namespace

void add_chat_command(CommandLine& line) {
  auto options = std::make_shared<ChatOptions>();
  Command& chat =
      line.add("chat", "Talk about the project; messages may also come from a pipe: 'echo … | offline-coder chat'",
               [options](Invocation& invocation) { return run_chat(invocation, *options); });
  CLI::Option* continues = chat.app->add_flag("--continue", options->continues,
                                              "go on with the newest session of this workspace, if there is one");
  CLI::Option* resume =
      chat.app->add_option("--resume", options->resume, "go on with this session; 'session list' shows them")
          ->type_name("ID");
  chat.app->add_flag("--lines", options->lines, "each line of standard input is a message or a /command");
  chat.app->add_flag(
      "--actions,!--no-actions", options->actions,
      "the model may look into the project, change and run by itself; whether it does so usually, chat.actions says");
  chat.app->add_flag("--no-save", options->no_save, "keep nothing of the conversation")
      ->excludes(continues)  // what goes on with a session is kept in it
      ->excludes(resume);
  chat.app->add_flag("--ahead", options->ahead)->group("");  // for this program itself
  chat.app->add_option("files", options->files, "files and folders that go with the first message");
  add_edit_options(chat, options->edit, Asks::nobody);
  CommandLine::add_generation_options(chat);
  CommandLine::add_context_options(chat);
  CommandLine::add_dry_run(chat);
}

}  // namespace oc::cli
