// SPDX-License-Identifier: Apache-2.0
// What a change of the user's files has to pass before it lands: syntax no worse than before, then the project's own
// checks, tried on the files themselves and taken back. For one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "edit/change.hpp"
#include "tasks/project_checks.hpp"

namespace oc::tasks {

// excused: a check that fails without the change as well is not held against it. counted: it is, because the change is
// there to mend it.
enum class OldFailures { excused, counted };

struct GateOptions {
  base::Path journal_folder;  // edit::ChangeJournal's
  CheckPlan checks;           // trusted, or empty
  OldFailures old_failures = OldFailures::excused;
  CheckEventSink on_check;                       // may be empty
  std::function<void(const std::string&)> tell;  // one line for a person; may be empty
};

// Why a change is not good enough, for the model and for people; several lines. "" when it passes.
struct GateVerdict {
  std::string fault;
  enum class Stage { syntax, checks } stage = Stage::syntax;  // that found it
  bool passed() const { return fault.empty(); }
};

// Syntax alone; touches nothing.
GateVerdict check_syntax(const edit::Change& change);

// Syntax, then the checks while the change is in place. Failures that are excused are told. Afterwards, and after a
// crash at the next command, every file is as it was. Kinds: `cancelled`, `conflict`, `denied`, `io`.
base::Result<GateVerdict> pass_gate(const edit::Change& change, const GateOptions& options,
                                    const base::CancelToken& cancel);

}  // namespace oc::tasks
