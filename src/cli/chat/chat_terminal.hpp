// SPDX-License-Identifier: Apache-2.0
// The messages that a user types at a terminal.
#pragma once

#include <memory>

#include "cli/chat/chat_session.hpp"
#include "cli/chat/message_source.hpp"

namespace oc::cli {

// With line editing where the terminal can be edited on, else line by line.
std::unique_ptr<MessageSource> open_chat_terminal(ChatSession& chat);

}  // namespace oc::cli
