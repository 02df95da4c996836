// SPDX-License-Identifier: Apache-2.0
// The use cases, one .cpp each: assemble the prompt, ask, make something of the answer. All stream through the
// session's events. Kinds beside the session's own: `usage` (nothing to work on), `too_large`, `negative` (nothing to
// offer).
#pragma once

#include "tasks/model_session.hpp"
#include "tasks/requests.hpp"

namespace oc::tasks {

// Answer::code is what may be written to a file.
base::Result<Answer> generate_code(ModelSession& session, const GenerateRequest& request);
base::Result<Answer> explain(ModelSession& session, const ExplainRequest& request);
base::Result<Answer> debug(ModelSession& session, const DebugRequest& request);
// Answer::code is the text to insert at the cursor, with LF line ends; kind `negative` when the model has nothing to
// add.
base::Result<Answer> complete(ModelSession& session, const CompleteRequest& request);

// The pieces of the files a user named: required, most stable first.
std::vector<context::Piece> make_pieces(const std::vector<FilePart>& parts);

}  // namespace oc::tasks
