// SPDX-License-Identifier: Apache-2.0
// The edits inside an answer of any assistant: fenced code with a file's name, search/replace blocks, unified diffs, in
// any mixture and inside or outside of fences. Text in, values out; touches no file.
#pragma once

#include <string_view>
#include <vector>

#include "edit/proposed_edit.hpp"

namespace oc::edit {

struct AnswerEdits {
  std::vector<ProposedEdit> edits;  // in order
  std::vector<Refusal> refusals;    // blocks that were begun as edits and cannot be read
};

// An answer without fences and marks has no edits; what stands in "<think>" at its beginning is none of it. A file is
// named by the fence ("```python app.py",
// "```py:src/app.py", "title=app.py"), by the line before it, or by the diff; a name holds for the blocks that follow
// it without one if they are search/replace blocks. Linear.
AnswerEdits parse_answer(std::string_view answer);

}  // namespace oc::edit
