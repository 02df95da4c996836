// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/trace.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using base::Result;

constexpr base::ByteCount k_diagnostics{20'000};

// What makes two failures the same: the error itself and where it is, without line numbers, which any edit moves.
std::string key_of(const std::string& output) {
  const context::Trace trace = context::parse_trace(output);
  const std::string place = trace.frames.empty() ? "" : trace.frames.front().path + trace.frames.front().message;
  return trace.message.empty() && place.empty() ? output : trace.message + "\n" + place;
}

class Fixer {
 public:
  Fixer(ModelSession& session, const FixRequest& request, EditTask edit)
      : session_(session), request_(request), edit_(std::move(edit)) {}

  Result<VerifiedEdit> fix() {
    OC_TRY(std::string failure, run_first());
    VerifiedEdit made;
    if (failure.empty()) {
      session_.tell(Note{fmt::format("'{}' passes: there is nothing to fix", name_of_command())});
      return made;
    }
    for (int round = 1; round <= request_.rounds; ++round) {
      session_.tell(Step{round - 1, request_.rounds, "round " + std::to_string(round)});
      OC_TRY(made, try_once(failure));
      if (made.passed() || made.answer.stop == protocol::StopReason::cancelled) return made;
      const bool is_other_failure = made.failed_checks && key_of(made.fault) != key_of(failure);
      if (is_other_failure) {
        // The failure that was there is gone and another one stands behind it: what was done stays for the next round.
        edit_.placement.so_far = made.change.files;
        failed_.clear();
        failure = made.fault;
      } else {
        failed_.push_back({made.answer.text, repair_question(made)});
      }
    }
    if (made.change.files.empty()) made.change.files = edit_.placement.so_far;
    return made;
  }

 private:
  // What it prints when it fails; "" when it passes. A failure that no edit can mend ends the task.
  Result<std::string> run_first() {
    OC_TRY(const CheckReport report, run_checks(edit_.gate.checks, session_.cancel(), edit_.gate.on_check));
    if (report.passed()) return "";
    const sandbox::Outcome& outcome = report.results.front().outcome;
    if (outcome.ending != sandbox::Ending::exited && outcome.ending != sandbox::Ending::signalled)
      return base::fail(ErrorKind::usage,
                        fmt::format("'{}' cannot be judged: {}", name_of_command(), report.results.front().ending),
                        "make it run to its end by itself first");
    return diagnostics_text(report, k_diagnostics);
  }

  const std::string& name_of_command() const { return edit_.gate.checks.commands.front().shown; }

  Result<VerifiedEdit> try_once(const std::string& failure) {
    DebugRequest question;
    question.project = request_.project;
    question.files = request_.files;
    question.trace = failure;
    question.workspace = request_.workspace;
    question.file_limit = request_.file_limit;
    EditTask task = edit_;
    task.repair_rounds = 0;
    task.chat.exchanges = failed_;
    return debug_and_fix(session_, question, std::move(task));
  }

  ModelSession& session_;
  const FixRequest& request_;
  EditTask edit_;
  std::vector<Exchange> failed_;  // answers that left the failure as it was, and what was said to them
};

}  // namespace

Result<VerifiedEdit> fix_command(ModelSession& session, const FixRequest& request, EditTask edit) {
  edit.gate.old_failures = OldFailures::counted;
  return Fixer(session, request, std::move(edit)).fix();
}

}  // namespace oc::tasks
