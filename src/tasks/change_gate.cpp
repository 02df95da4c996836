// SPDX-License-Identifier: Apache-2.0
#include "tasks/change_gate.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "edit/change_journal.hpp"
#include "edit/syntax_gate.hpp"

namespace oc::tasks {
namespace {

constexpr base::ByteCount k_diagnostics{6000};  // about 2 000 tokens

// Of the failed commands, those that pass without the change: it is to blame for these.
base::Result<CheckReport> without_old_failures(CheckReport report, const GateOptions& options,
                                               const base::CancelToken& cancel) {
  CheckPlan again = options.checks;
  std::erase_if(again.commands, [&](const CheckCommand& command) {
    return std::ranges::none_of(
        report.results, [&](const CheckResult& result) { return !result.passed() && result.shown == command.shown; });
  });
  OC_TRY(const CheckReport old, run_checks(again, cancel));
  for (const CheckResult& result : old.results) {
    if (result.passed()) continue;
    if (options.tell)
      options.tell(fmt::format("'{}' fails without the change, too, so it does not count", result.shown));
    std::erase_if(report.results, [&](const CheckResult& one) { return one.shown == result.shown; });
  }
  return report;
}

// The checks with the change in place, which is taken back whatever happens.
base::Result<CheckReport> run_with_change(const edit::Change& change, const GateOptions& options,
                                          const base::CancelToken& cancel) {
  OC_TRY(auto journal, edit::ChangeJournal::open(options.journal_folder, {}, edit::ChangeJournal::k_patience));
  if (options.tell)
    for (const std::string& note : journal.notes()) options.tell(note);
  OC_TRY(const std::int64_t id, journal.apply_for_trial(change));
  auto report = run_checks(options.checks, cancel, options.on_check);
  // A check may have formatted the files of the change: what it made of them goes, too.
  auto undone = journal.undo(id, edit::ChangeJournal::Strangers::overwrite);
  if (!undone) return std::unexpected(undone.error());
  return report;
}

}  // namespace

GateVerdict check_syntax(const edit::Change& change) {
  GateVerdict verdict;
  for (const edit::FileChange& file : change.files)
    if (const auto error = edit::find_new_syntax_error(file))
      verdict.fault += fmt::format("{}: {}\n", file.shown, *error);
  return verdict;
}

base::Result<GateVerdict> pass_gate(const edit::Change& change, const GateOptions& options,
                                    const base::CancelToken& cancel) {
  GateVerdict verdict = check_syntax(change);
  if (!verdict.passed() || options.checks.is_empty()) return verdict;
  OC_CHECK(require_trust(options.checks));
  OC_TRY(CheckReport report, run_with_change(change, options, cancel));
  if (!report.passed() && options.old_failures == OldFailures::excused) {
    OC_TRY(report, without_old_failures(std::move(report), options, cancel));
  }
  if (report.passed()) return verdict;
  verdict.fault = diagnostics_text(report, k_diagnostics);
  verdict.stage = GateVerdict::Stage::checks;
  return verdict;
}

}  // namespace oc::tasks
