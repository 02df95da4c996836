// SPDX-License-Identifier: Apache-2.0
// What a task tells while it runs, and what it ends with. Terminals, JSON and tests all render the same events; nothing
// in tasks/ or below prints.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>

#include "context/piece.hpp"
#include "context/selection.hpp"
#include "protocol/messages.hpp"

namespace oc::tasks {

// Something a person should know, one line.
struct Note {
  std::string text;
};
// The next piece of the answer; controls are already removed from it.
struct AnswerPiece {
  std::string text;
};
struct ContextChosen {
  context::Selection selection;
};
// One step of a task that takes several is about to be done.
struct Step {
  std::int64_t done = 0;
  std::int64_t total = 0;
  std::string what;  // "src/a.cpp lines 1-80"
};
// How long the prompt that is about to be computed will take.
struct Forecast {
  base::TokenCount prompt;
  base::TokenCount cached;    // of it, computed before
  double first_token_ms = 0;  // 0: not known yet
};
// What a model asked to be done, and what came of it.
struct ActionTaken {
  std::string call;       // as the model wrote it
  std::string line;       // "read src/a.py"
  context::Piece result;  // its reason is for people
  bool done = true;       // false: it was refused, or failed
};
using Event = std::variant<protocol::Progress, Note, ContextChosen, AnswerPiece, Step, Forecast, ActionTaken>;
using EventSink = std::function<void(const Event&)>;

struct Answer {
  std::string text;
  std::string code;                // the code in it, without fences; "" if there is none
  std::vector<std::string> files;  // written by the task's caller
  protocol::ModelFacts model;
  int context_tokens = 0;
  double load_ms = 0;
  protocol::Usage usage;
  protocol::Timing timing;
  protocol::StopReason stop = protocol::StopReason::end;
  bool is_approximate = false;  // see protocol::Generated
  context::Selection selection;
};

}  // namespace oc::tasks
