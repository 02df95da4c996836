// SPDX-License-Identifier: Apache-2.0
// One question with its context, asked once: system prompt, chosen pieces, question. What generate, explain and debug
// have in common.
#pragma once

#include "context/piece.hpp"
#include "tasks/model_session.hpp"

namespace oc::tasks {

struct ChatTask {
  std::vector<context::Piece> pieces;  // most stable first
  std::string question;                // filled prompt text
  std::string answer_start;            // words put into the model's mouth
  std::vector<std::string> stop;
};

// Chooses pieces within the window (ContextChosen), asks, streams. Kind `too_large` with the numbers when the required
// pieces leave no room for an answer; nothing is cut silently.
base::Result<Answer> ask(ModelSession& session, const ChatTask& task);

}  // namespace oc::tasks
