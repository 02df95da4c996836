// SPDX-License-Identifier: Apache-2.0
// What a review found in one line, handed to the edit engine: the change that mends it, which has passed the gate.
#pragma once

#include <vector>

#include "quality/finding.hpp"
#include "tasks/model_review.hpp"
#include "tasks/verified_edit.hpp"

namespace oc::tasks {

struct FixFindingRequest {
  Project* project = nullptr;  // null: none is wanted; must outlive the call
  ReviewedFile file;
  std::vector<quality::Finding> findings;  // of one line of it; not empty
};

// `edit` brings what the caller decides. A file that is too large for the prompt is shown by what is around the line.
// Kinds: those of make_verified_edit().
base::Result<VerifiedEdit> fix_finding(ModelSession& session, const FixFindingRequest& request, EditTask edit);

}  // namespace oc::tasks
