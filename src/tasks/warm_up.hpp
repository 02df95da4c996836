// SPDX-License-Identifier: Apache-2.0
// Computes what later requests will begin with: the system prompt, the map of the project, and each file that is worked
// on. The first request about it then waits for its question alone.
#pragma once

#include <vector>

#include "tasks/model_session.hpp"
#include "tasks/project.hpp"
#include "tasks/requests.hpp"

namespace oc::tasks {

struct WarmUpRequest {
  std::vector<FilePart> files;  // none: only what is common to all requests
  Project* project = nullptr;   // null: no map
};

struct WarmedUp {
  std::size_t prompts = 0;
  base::TokenCount tokens;  // of all prompts
  base::TokenCount cached;  // of them, computed before
};

struct Beginning {
  protocol::Prompt prompt;
  std::string what;     // for people: the file's name, or what it is instead
  std::string subject;  // the same for the same file, whatever stands in it
};
// Prompts that begin as requests about these files do, in the order in which they are worth computing. Files that do
// not fit into the context window are left out and told. Kinds: those of counting.
base::Result<std::vector<Beginning>> make_beginnings(ModelSession& session, const WarmUpRequest& request);

// Computes them now, with a Step for each; interactive requests of others come first. Kind `cancelled`.
base::Result<WarmedUp> warm_up(ModelSession& session, const WarmUpRequest& request);
// Has them computed when nobody asks anything, each instead of what was to be computed of its subject before.
base::Result<void> warm_up_later(ModelSession& session, const WarmUpRequest& request, protocol::Power power);

}  // namespace oc::tasks
