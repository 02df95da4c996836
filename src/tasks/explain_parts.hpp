// SPDX-License-Identifier: Apache-2.0
// More text than one prompt holds: each part is summarised, then the summaries are, until they fit, and the answer is
// given from them. Nothing is cut; every part's summary is kept by what it is a summary of.
#pragma once

#include <string>
#include <vector>

#include "context/piece.hpp"
#include "tasks/model_session.hpp"
#include "tasks/project.hpp"
#include "tasks/requests.hpp"

namespace oc::tasks {

struct PartsRequest {
  std::vector<FilePart> files;
  std::string question;        // filled in, never blank
  Project* project = nullptr;  // where summaries are kept; null: they are not
};

// Tells a Step for every part. Kinds beside the session's own: too_large (a single line that does not fit), cancelled
// (the summaries that were made are kept). The answer's usage is the sum of all prompts.
base::Result<Answer> explain_in_parts(ModelSession& session, const PartsRequest& request);

}  // namespace oc::tasks
