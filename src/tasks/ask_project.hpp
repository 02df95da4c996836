// SPDX-License-Identifier: Apache-2.0
// One question about the whole project, answered from the pieces of it that matter, whose lines are numbered; what the
// answer cites is checked. Kinds: those of ask().
#pragma once

#include <string>
#include <vector>

#include "tasks/citations.hpp"
#include "tasks/model_session.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

struct CitedAnswer {
  Answer answer;
  std::vector<CheckedCitation> citations;
};

base::Result<CitedAnswer> ask_project(ModelSession& session, Project& project, const std::string& question);

}  // namespace oc::tasks
