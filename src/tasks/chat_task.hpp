// SPDX-License-Identifier: Apache-2.0
// One question with its context, asked once: system prompt, chosen pieces, question. What generate, explain and debug
// have in common.
#pragma once

#include <functional>

#include "context/piece.hpp"
#include "context/piece_finder.hpp"
#include "tasks/model_session.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

// What came after the question: what the model answered, and what was said to that.
struct Exchange {
  std::string answer;
  std::string reply;
};

struct ChatTask {
  std::vector<context::Piece> pieces;  // most stable first
  std::string question;                // filled prompt text
  std::vector<Exchange> exchanges{};   // since then
  std::string answer_start;            // words put into the model's mouth
  std::vector<std::string> stop;
  Project* project = nullptr;                                       // null: nothing but `pieces`
  context::PieceRequest about;                                      // what to look for in the project
  LineNumbers line_numbers = LineNumbers::hidden;                   // of the pieces of the project
  std::function<void(const std::vector<context::Piece>&)> shown{};  // gets those that stand in the prompt; may be empty
};

// Room that is kept for the answer while the context is chosen; the answer may use what the context leaves as well.
std::int64_t room_for_answer(const ModelSession& session);

// The user's own system prompt, or ours.
std::string system_prompt(const ModelSession& session);

// Counts plain texts for the session's model; must not outlive it.
context::CountTokens text_counter(ModelSession& session);

// An index that cannot be read is told and is no reason not to answer; other errors stay.
base::Result<Project::Context> without_index_errors(ModelSession& session, base::Result<Project::Context> chosen);

// Do the required pieces and the question leave room for an answer? Kinds: those of counting.
base::Result<bool> fits_in_one_prompt(ModelSession& session, const ChatTask& task);

// Chooses pieces within the window (ContextChosen), asks, streams. Kind `too_large` with the numbers when the required
// pieces leave no room for an answer; nothing is cut silently.
base::Result<Answer> ask(ModelSession& session, const ChatTask& task);
// Several answers to the same prompt, see ModelSession::answer_alternatives; nothing is streamed.
base::Result<std::vector<Answer>> ask_alternatives(ModelSession& session, const ChatTask& task, int count);

}  // namespace oc::tasks
