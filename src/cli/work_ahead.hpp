// SPDX-License-Identifier: Apache-2.0
// Having the engine compute in idle time what the next requests will begin with. Nobody waits for it: what it takes to
// find out what that is (the index, counting tokens, an engine that is busy) is done by a process of its own.
#pragma once

#include <vector>

#include "base/path.hpp"
#include "cli/invocation.hpp"

namespace oc::cli {

enum class WorkAhead { begun, unwanted, no_engine };

// For the end of a command after which requests about these files (absolute; they need not be there) are likely; none:
// about the project. A few milliseconds, says nothing, never fails. Does nothing where the configuration or the battery
// say no, or where no engine runs: none is started. `folder`: in the project; "": the working directory.
WorkAhead begin_work_ahead(const Invocation& invocation, const std::vector<base::Path>& files,
                           const base::Path& folder = {});

// What that process does: queues the work if the engine has the model of this invocation loaded. Its newest word on a
// file replaces older ones. Kinds: all of a session's; `conflict` when others were at it for too long.
base::Result<void> queue_work_ahead(Invocation& invocation, const std::vector<std::string>& files);

}  // namespace oc::cli
