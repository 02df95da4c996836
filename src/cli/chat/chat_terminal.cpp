// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/chat_terminal.hpp"

#include <algorithm>

#include "base/terminal.hpp"
#include "base/text.hpp"
#include "base/user_folders.hpp"
#include "cli/chat/chat_commands.hpp"
#include "cli/chat/completion.hpp"
#include "cli/editor/line_editor.hpp"

namespace oc::cli {
namespace {

constexpr const char* k_prompt = "> ";

class EditedMessages final : public MessageSource {
 public:
  explicit EditedMessages(ChatSession& chat) : editor_(options_of(chat)) {
    for (std::string& question : chat.questions()) editor_.remember(std::move(question));
  }

  base::Result<Next> next() override {
    Next next;
    switch (editor_.read(next.text)) {
      case LineEditor::Ending::entered: next.kind = Next::Kind::message; break;
      case LineEditor::Ending::interrupted: next.kind = Next::Kind::interrupted; break;
      case LineEditor::Ending::end: next.kind = Next::Kind::end; break;
    }
    return next;
  }

 private:
  static LineEditor::Options options_of(ChatSession& chat) {
    Invocation& invocation = chat.invocation();
    return {k_prompt, [&chat](std::string_view text) { return complete_message(chat, text); },
            [&console = invocation.console](std::string_view bytes) { console.err(bytes); }};
  }

  LineEditor editor_;
};

bool can_edit() {
  const std::string terminal = base::environment_variable("TERM").value_or("");
#ifndef _WIN32
  if (terminal.empty()) return false;
#endif
  return terminal != "dumb" && base::is_terminal(base::Stream::input) && base::is_terminal(base::Stream::errors);
}

}  // namespace

std::unique_ptr<MessageSource> open_chat_terminal(ChatSession& chat) {
  if (can_edit()) return std::make_unique<EditedMessages>(chat);
  return std::make_unique<PlainLines>(chat.invocation().settings.settings().limits.prompt_bytes, k_prompt);
}

}  // namespace oc::cli
