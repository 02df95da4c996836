// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/plan_landing.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"

namespace oc::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t k_most_shown = 50;  // doubts, as text; JSON has them all

void show_plan(Invocation& invocation, const context::RefactorPlan& plan) {
  std::size_t files = 0;
  const std::string* last = nullptr;
  for (const context::PlannedPlace& place : plan.places) {
    if (last == nullptr || *last != place.path) ++files;
    last = &place.path;
    if (invocation.console.is_verbose())
      invocation.console.note(fmt::format("changed: {}:{}", place.path, place.line.value));
  }
  invocation.console.note(fmt::format("{} {}: {} {} in {} {}", plan.kind, plan.symbol, plan.places.size(),
                                      plan.places.size() == 1 ? "place" : "places", files,
                                      files == 1 ? "file" : "files"));
  if (!plan.witness.empty()) invocation.console.note(fmt::format("{} was asked, too", plan.witness));
  for (std::size_t i = 0; i < plan.unnamed.size() && i < k_most_shown; ++i) {
    const context::PlannedDoubt& place = plan.unnamed[i];
    invocation.console.note(fmt::format("changed, though {}: {}:{}", place.reason, place.path, place.line.value));
  }
  for (std::size_t i = 0; i < plan.doubts.size() && i < k_most_shown; ++i) {
    const context::PlannedDoubt& doubt = plan.doubts[i];
    invocation.console.note(fmt::format("not dared: {}:{}: {}", doubt.path, doubt.line.value, doubt.reason));
  }
  if (plan.doubts.size() > k_most_shown)
    invocation.console.note(
        fmt::format("not dared: {} more; '--format json' lists them all", plan.doubts.size() - k_most_shown));
}

std::string fields_of(const context::RefactorPlan& plan, const std::vector<std::string>& files,
                      const EditOptions& edit) {
  ordered_json fields = {{edit.check ? "would_change" : "files", files},
                         {"symbol", plan.symbol},
                         {"kind", plan.kind},
                         {"places", ordered_json::array()},
                         {"not_dared", ordered_json::array()}};
  for (const context::PlannedPlace& place : plan.places)
    fields["places"].push_back({{"path", place.path}, {"line", place.line.value}});
  for (const context::PlannedDoubt& doubt : plan.doubts)
    fields["not_dared"].push_back({{"path", doubt.path}, {"line", doubt.line.value}, {"reason", doubt.reason}});
  if (!plan.witness.empty()) {
    fields["language_server"] = plan.witness;
    fields["not_named"] = ordered_json::array();
    for (const context::PlannedDoubt& place : plan.unnamed)
      fields["not_named"].push_back({{"path", place.path}, {"line", place.line.value}});
  }
  return fields.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

base::Result<int> land_plan(Invocation& invocation, const std::string& title, tasks::PlannedChange& planned,
                            const EditOptions& options) {
  for (const std::string& note : planned.notes) invocation.console.note(note);
  show_plan(invocation, planned.plan);
  OC_TRY(tasks::EditTask task, make_edit_task(invocation, title, options));
  tasks::VerifiedEdit made;
  made.change = std::move(planned.change);
  made.change.title = task.title;
  if (made.change.files.empty())
    return base::fail(base::ErrorKind::negative, "no place is certain enough to be changed");
  OC_TRY(tasks::GateVerdict verdict, tasks::pass_gate(made.change, task.gate, invocation.cancel));
  made.fault = std::move(verdict.fault);
  const bool is_text = invocation.console.format() == Format::text;
  if (options.check && made.passed() && !is_text) {
    std::vector<std::string> files;
    for (const edit::FileChange& file : made.change.files) files.push_back(file.shown);
    show_result(invocation, "", fields_of(planned.plan, files, options));
    return k_exit_negative;
  }
  OC_TRY(const int code, land_edit(invocation, made, options));
  if (!options.check) show_result(invocation, "", fields_of(planned.plan, made.answer.files, options));
  return code;
}

}  // namespace oc::cli
