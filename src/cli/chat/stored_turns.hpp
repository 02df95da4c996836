// SPDX-License-Identifier: Apache-2.0
// Turns as they are kept and as a conversation has them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "context/piece.hpp"
#include "sessions/session.hpp"
#include "tasks/conversation.hpp"

namespace oc::cli {

// The reason of a piece of a file that the user added, which is sent again when it changes.
inline constexpr std::string_view k_added = "added by you";

std::vector<sessions::TurnPiece> stored_pieces(const std::vector<context::Piece>& pieces);
sessions::TurnPiece stored_step(const tasks::ConversationStep& step);
std::vector<tasks::ConversationTurn> conversation_turns(const std::vector<sessions::Turn>& turns);
// The files that were added and not dropped, each once.
std::vector<std::string> added_paths(const std::vector<sessions::Turn>& turns);

}  // namespace oc::cli
