// SPDX-License-Identifier: Apache-2.0
// What is kept of a conversation. Values only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/path.hpp"

namespace oc::sessions {

// open: the answer is being written, or the program died while it was. stopped: the user stopped it. cut: a limit of
// tokens did. failed: there is none, or a part of one.
enum class TurnState { open = 0, done = 1, stopped = 2, cut = 3, failed = 4 };

// What of the project, or of what a command printed, went with a turn and stays with it.
// text and outline stand before the question; an action, and what the model got for it, between question and answer.
enum class PieceForm { text = 0, outline = 1, action = 2 };

struct TurnPiece {
  std::string path;  // "" for text of no file
  std::int64_t first_line = 0, last_line = 0;
  std::string reason;  // of an action: what the model wrote
  std::string text;
  PieceForm form = PieceForm::text;
  bool is_sent = true;  // false: the user dropped it
  bool operator==(const TurnPiece&) const = default;
};

struct Turn {
  std::int64_t id = 0;
  std::int64_t asked_s = 0;  // seconds since 1970
  std::string question;      // as the user wrote it
  std::string answer;        // all there is of it
  TurnState state = TurnState::open;
  std::string model;
  std::vector<TurnPiece> pieces;
  bool operator==(const Turn&) const = default;
};

struct Session {
  std::int64_t id = 0;
  base::Path workspace;
  std::string title;  // the first line of its first question
  std::int64_t made_s = 0, used_s = 0;
  std::int64_t turns = 0;
  std::string map;              // of the workspace, as it was when the session began
  std::int64_t first_sent = 0;  // the id of the first turn that models still get to see
};

// "done", "stopped" …
const char* to_string(TurnState state);

}  // namespace oc::sessions
