// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/stored_turns.hpp"

#include <algorithm>

namespace oc::cli {
namespace {

context::Piece piece_of(const sessions::TurnPiece& stored) {
  return {stored.path,
          {base::LineNumber(stored.first_line), base::LineNumber(stored.last_line)},
          stored.text,
          stored.reason,
          context::Need::required,
          stored.form == sessions::PieceForm::outline ? context::Form::outline : context::Form::text};
}

}  // namespace

std::vector<sessions::TurnPiece> stored_pieces(const std::vector<context::Piece>& pieces) {
  std::vector<sessions::TurnPiece> stored;
  for (const context::Piece& piece : pieces)
    stored.push_back({piece.path, piece.lines.first.value, piece.lines.last.value, piece.reason, piece.text,
                      piece.form == context::Form::outline ? sessions::PieceForm::outline : sessions::PieceForm::text,
                      true});
  return stored;
}

sessions::TurnPiece stored_step(const tasks::ConversationStep& step) {
  const context::Piece& result = step.result;
  return {result.path,
          result.lines.first.value,
          result.lines.last.value,
          step.call,
          result.text,
          sessions::PieceForm::action,
          true};
}

std::vector<tasks::ConversationTurn> conversation_turns(const std::vector<sessions::Turn>& turns) {
  std::vector<tasks::ConversationTurn> all;
  for (const sessions::Turn& turn : turns) {
    tasks::ConversationTurn one{{}, turn.question, turn.state == sessions::TurnState::failed ? "" : turn.answer};
    for (const sessions::TurnPiece& piece : turn.pieces) {
      if (piece.form == sessions::PieceForm::action) {
        one.steps.push_back({piece.reason, piece_of(piece)});
        if (!piece.is_sent) tasks::Conversation::drop(one.steps.back());
      } else if (piece.is_sent) {
        one.pieces.push_back(piece_of(piece));
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::vector<std::string> added_paths(const std::vector<sessions::Turn>& turns) {
  std::vector<std::string> paths;
  for (const sessions::Turn& turn : turns)
    for (const sessions::TurnPiece& piece : turn.pieces)
      if (piece.is_sent && piece.reason == k_added && std::ranges::find(paths, piece.path) == paths.end())
        paths.push_back(piece.path);
  return paths;
}

}  // namespace oc::cli
