// SPDX-License-Identifier: Apache-2.0
// What a message that begins with '/' does.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cli/chat/chat_session.hpp"

namespace oc::cli {

struct ChatCommand {
  std::string_view name;  // "/add"
  std::string_view what;  // stands behind it: "FILES"
  std::string_view help;
};
std::span<const ChatCommand> chat_commands();

// Is it meant as a command? "/usr/bin/ls fails" is a message.
bool is_chat_command(std::string_view message);
// Does such a command change what the next message will begin with?
bool changes_next_message(std::string_view command);
// Does it; errors are for the user, and the conversation goes on. Kind `usage` for an unknown name.
base::Result<void> run_chat_command(ChatSession& chat, std::string_view message);

}  // namespace oc::cli
