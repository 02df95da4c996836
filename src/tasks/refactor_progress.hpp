// SPDX-License-Identifier: Apache-2.0
// What is done of a refactoring, kept in a file so that an interrupted one goes on where it stopped. Losing it costs
// time, nothing else.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path.hpp"
#include "edit/change.hpp"

namespace oc::tasks {

struct RefactorStep {
  std::string path;    // as shown
  std::string symbol;  // qualified; "": the whole file
  bool operator==(const RefactorStep&) const = default;
};

struct RefactorProgress {
  std::string request;
  std::vector<RefactorStep> steps;
  std::size_t done = 0;                 // of the steps
  std::vector<edit::FileChange> files;  // as they will be
};

// nullopt when there is none, when it is of another request or damaged, and when a file of it was changed since.
std::optional<RefactorProgress> load_progress(const base::Path& file, const std::string& request);
void save_progress(const base::Path& file, const RefactorProgress& progress);
void forget_progress(const base::Path& file);

}  // namespace oc::tasks
