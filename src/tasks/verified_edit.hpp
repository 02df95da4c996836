// SPDX-License-Identifier: Apache-2.0
// From a question to a change that passed the gate: ask, place the answer's edits, try them, and on a failure tell the
// model why and ask again, twice at most. Changes nothing that lasts: landing is the caller's decision, after a yes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "edit/answer_edits.hpp"
#include "edit/change.hpp"
#include "edit/edit_placement.hpp"
#include "edit/file_guard.hpp"
#include "tasks/change_gate.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/model_session.hpp"

namespace oc::tasks {

inline constexpr int k_repair_rounds = 2;  // most of what repairing gains comes from the first two

// edits: in any form that edit::parse_answer knows. one_code: the code of the answer, whatever else is in it, for
// `placement.file`.
enum class AnswerForm { edits, one_code };

// What the model saw of a file, or that there was none.
struct SeenFile {
  base::Path path;
  std::optional<std::string> bytes;
};

struct EditTask {
  std::string title;  // of the change
  AnswerForm form = AnswerForm::edits;
  ChatTask chat;
  edit::PlacementOptions placement;
  edit::GuardOptions guard;
  GateOptions gate;
  std::vector<SeenFile> seen;  // a change of one of these that is different now is a conflict
  int attempts = 1;            // alternatives of the first answer; the first that passes wins
  int repair_rounds = k_repair_rounds;
};

struct VerifiedEdit {
  Answer answer;                                           // the last one; usage and timing are sums
  edit::Change change;                                     // with what was placed before it (PlacementOptions::so_far)
  std::string fault;                                       // why the change did not pass; "" when it did
  base::ErrorKind fault_kind = base::ErrorKind::negative;  // conflict: a file is not what the model saw
  bool failed_checks = false;                              // it could be placed and parsed; the checks were against it
  int rounds = 0;                                          // repairs that were asked for
  bool is_final = false;                                   // asking again would not help
  bool passed() const { return fault.empty(); }
};

// The answer with the words that were put into the model's mouth; a block that they began is ended, because its end was
// a stop text.
std::string with_answer_start(std::string_view answer, std::string_view answer_start);

// An answer's edits on the files as they are. Refusals become the fault. Files that may not be changed are kind
// `denied`, whatever else is right; one that is not what the model saw is a fault of kind `conflict`.
base::Result<VerifiedEdit> place_answer(const edit::AnswerEdits& edits, const EditTask& task);

// What the model is told of a change that did not pass.
std::string repair_question(const VerifiedEdit& tried);

// Kinds: those of asking; `denied`, `conflict`, `io`, `cancelled`. A change that did not pass is no error: it comes
// with its fault. An answer that a limit cut off is one, too.
base::Result<VerifiedEdit> make_verified_edit(ModelSession& session, const EditTask& task);

}  // namespace oc::tasks
