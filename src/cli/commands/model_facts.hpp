// SPDX-License-Identifier: Apache-2.0
// What is known about a model without its weights, in words and in JSON. The numbers come from the engine's probe.
#pragma once

#include <string>

#include "base/system.hpp"
#include "cli/invocation.hpp"
#include "tasks/model_library.hpp"

namespace oc::cli {

struct MemoryNeed {
  int context_tokens;      // a usual window, or all that the model was trained for
  base::ByteCount needed;  // with that window
  int smallest_context_tokens;
  base::ByteCount smallest_needed;
  base::ByteCount available;  // now
};
MemoryNeed memory_need(const protocol::ModelFacts& facts, base::ByteCount available);

// "7.62 billion".
std::string format_parameters(std::int64_t parameters);
// "instruct, 7.62 billion parameters, Q4_K_M".
std::string one_line(const protocol::ModelFacts& facts);
// Lines of a name and a value.
std::string facts_text(const tasks::LibraryModel& model, const protocol::ModelFacts& facts, const MemoryNeed& need);
// A JSON object.
std::string facts_json(const protocol::ModelFacts& facts, const MemoryNeed& need);

// Opens the model in a child process; weights are never read. Kinds: engine, model, cancelled.
base::Result<protocol::ModelFacts> probe(const Invocation& invocation, const base::Path& file);

// --model, the configuration's model or the default among the models of model_folders(). As resolve_model, without a
// word.
base::Result<tasks::LibraryModel> find_model_in_use(const Invocation& invocation);

}  // namespace oc::cli
