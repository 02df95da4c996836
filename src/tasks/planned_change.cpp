// SPDX-License-Identifier: Apache-2.0
#include "tasks/planned_change.hpp"

namespace oc::tasks {

base::Result<void> make_change(PlannedChange& made, const FilesByPath& files, const base::Path& workspace,
                               const edit::GuardOptions& guard) {
  const std::string* last = nullptr;
  for (const context::PlannedPlace& place : made.plan.places) {
    if (last != nullptr && *last == place.path) continue;
    last = &place.path;
    edit::FileChange change;
    if (const auto known = files.find(place.path); known != files.end()) {
      change.path = known->second.path;
      change.shown = known->second.shown_path;
      change.before = known->second.bytes;
    } else {
      change.path = workspace / base::path_from_utf8(place.path);
      change.shown = place.path;
    }
    OC_CHECK(edit::check_may_change(change.path, guard));
    change.after = context::apply_places(made.plan, place.path, change.before.value_or(""));
    made.change.files.push_back(std::move(change));
  }
  return {};
}

}  // namespace oc::tasks
