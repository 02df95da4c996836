// SPDX-License-Identifier: Apache-2.0
// What a word of a message may become: a command, a file.
#pragma once

#include <string_view>

#include "cli/chat/chat_session.hpp"
#include "cli/editor/line_editor.hpp"

namespace oc::cli {

// Commands at the beginning; files behind '@', and as words of /add and /drop. Reads one folder.
Completion complete_message(ChatSession& chat, std::string_view text_before_cursor);

}  // namespace oc::cli
