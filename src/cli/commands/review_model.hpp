// SPDX-License-Identifier: Apache-2.0
// The part of a review that asks a model. Without one that can be asked the rest of the review is still good, so its
// failure is told and returned as a value.
#pragma once

#include <string>

#include "cli/commands/review_scope.hpp"
#include "cli/invocation.hpp"
#include "quality/project_measures.hpp"
#include "tasks/model_review.hpp"

namespace oc::cli {

// Of the code in the scope. Kind `cancelled` alone.
base::Result<tasks::ModelReview> review_with_model(Invocation& invocation, const ReviewScope& scope,
                                                   const quality::ProjectMeasures& measures,
                                                   base::ByteCount file_limit);

// A JSON object: questions, what was dropped and left out, usage, the error if there was one.
std::string model_review_json(const tasks::ModelReview& review);

}  // namespace oc::cli
