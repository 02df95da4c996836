// SPDX-License-Identifier: Apache-2.0
// A turn of a conversation in which the model may look for itself, change files and run commands before it answers: an
// action, its result, the next one, within limits of steps, tokens and time, until it answers or goes round in circles.
// Each step is told (ActionTaken). What changes or runs something is the caller's: it asks.
#pragma once

#include <chrono>
#include <functional>

#include "base/path.hpp"
#include "tasks/action_envelope.hpp"
#include "tasks/conversation.hpp"
#include "tasks/project_actions.hpp"

namespace oc::tasks {

struct ActingLimits {
  int steps = 0;  // actions; then the model has to answer
  std::chrono::seconds time{0};
  base::Path workspace;
  base::ByteCount file_limit;
};

// edit and run. An outcome that ends the turn lets the model say one more thing.
struct CarriedOut {
  ActionOutcome outcome;
  enum class Then { go_on, answer } then = Then::go_on;
};
using CarryOut = std::function<base::Result<CarriedOut>(const Action&)>;

// `turn` was prepared by the conversation; its steps are added to it. Answer::text is what the user gets to read,
// streamed as it comes; usage and timing are sums. Kinds: those of asking; those of `carry_out`.
base::Result<Answer> answer_acting(ModelSession& session, const Conversation& conversation, ConversationTurn& turn,
                                   Project* project, const ActingLimits& limits, const CarryOut& carry_out);

}  // namespace oc::tasks
