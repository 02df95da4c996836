// SPDX-License-Identifier: Apache-2.0
// Having the engine compute ahead of the next request.
#pragma once

#include <vector>

#include "cli/invocation.hpp"
#include "tasks/project.hpp"
#include "tasks/requests.hpp"

namespace oc::cli {

// Asks a running engine that has the model loaded to compute in idle time what requests about these files will begin
// with. Does nothing where the configuration or the battery say no, and starts no engine; what fails is nobody's
// matter.
void warm_up_later(Invocation& invocation, tasks::Project* project, std::vector<tasks::FilePart> files);

}  // namespace oc::cli
