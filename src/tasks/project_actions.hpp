// SPDX-License-Identifier: Apache-2.0
// read, search and symbol, as a model asks for them: nothing but plain files of the workspace that are no secrets, and
// never more than it may cost. What cannot be done is an answer too, in words that tell the model what to do instead.
#pragma once

#include <string>

#include "base/cancel.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "tasks/action_envelope.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

struct ActionOutcome {
  context::Piece result;  // for the model; its reason is for people: "31 lines", "there is no such file"
  bool done = true;       // false: the result says why not
};

struct ActionLimits {
  base::Path workspace;
  base::ByteCount file_limit;
  base::TokenCount tokens;            // of the result
  context::CountTokens count_tokens;  // asked a few times
};

// `project` may be null: then there is nothing to search. Kinds: those of counting; `cancelled`.
base::Result<ActionOutcome> look_into_project(const Action& action, Project* project, const ActionLimits& limits);

// `text` as far as it fits, whole lines from the beginning, with a line that says what is missing; some of it where
// `tokens` is very small. Kinds: those of counting.
base::Result<std::string> shortened(std::string_view text, base::TokenCount tokens,
                                    const context::CountTokens& count_tokens);

}  // namespace oc::tasks
