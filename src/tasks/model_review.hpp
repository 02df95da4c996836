// SPDX-License-Identifier: Apache-2.0
// What a model objects to in code: narrow questions, all at once, over the same beginning of the prompt (the code
// first, the question last), so that the code is read once. Bounded in prompts; what is left out is named.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "context/source_file.hpp"
#include "quality/finding.hpp"
#include "quality/measured_file.hpp"
#include "tasks/model_session.hpp"
#include "tasks/review_answer.hpp"

namespace oc::tasks {

struct ReviewedFile {
  context::SourceFile file;
  std::optional<std::vector<base::LineRange>> changed;  // nullopt: all lines are looked at
  std::vector<quality::MeasuredFunction> functions;     // a change is shown with the function it lies in
};

// The lines that are shown of a file: those that changed with what is around them, or all; apart, in their order.
std::vector<base::LineRange> shown_ranges(const ReviewedFile& file);

struct ModelReview {
  std::vector<quality::Finding> findings;
  DroppedObjections dropped;
  std::size_t questions = 0;           // that were answered
  std::vector<std::string> left_out;   // places beyond the limit of prompts, "src/a.c lines 1-80"
  protocol::Usage usage;               // of all questions
  std::optional<base::Error> failure;  // of the engine in the midst; the findings are those of the prompts before
};

// Kinds: those of counting and `too_large`; `cancelled`. What the engine fails at later is ModelReview::failure.
base::Result<ModelReview> review_code(ModelSession& session, const std::vector<ReviewedFile>& files);

}  // namespace oc::tasks
