// SPDX-License-Identifier: Apache-2.0
// Having the engine compute in idle time what the next requests will begin with. Nobody waits for it: what it takes to
// find out what that is (the index, counting tokens, an engine that is busy) is done by a process of its own.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/files.hpp"
#include "base/path.hpp"
#include "cli/invocation.hpp"

namespace oc::cli {

enum class WorkAhead { begun, unwanted, no_engine };

// For the end of a command after which requests about these files (absolute; they need not be there) are likely; none:
// about the project. A few milliseconds, says nothing, never fails. Does nothing where the configuration or the battery
// say no, or where no engine runs: none is started. `folder`: in the project; "": the working directory.
WorkAhead begin_work_ahead(const Invocation& invocation, const std::vector<base::Path>& files,
                           const base::Path& folder = {});
// About a project that somebody begins to work in: an engine is started and the model loaded, and thereby measured, so
// that the first question finds all that done. Where none runs and a person is at the terminal; else as the other one.
void begin_first_work_ahead(const Invocation& invocation);

// The same for a conversation whose message is being typed, but that an engine is started and the model loaded: they
// are needed in a moment. `words`: the command and its options; `files`: what goes with the message, the newest last.
// The process; 0: none.
std::int64_t begin_chat_ahead(const Invocation& invocation, const std::vector<std::string>& words,
                              const std::vector<base::Path>& files);

// Those processes take turns. Kind `conflict` when others were at it for too long.
base::Result<base::FileLock> wait_for_turn(const Invocation& invocation);
// What the configuration and the battery say; and with which power it may go on.
bool is_work_ahead_wanted(const Invocation& invocation);
protocol::Power power_of_work_ahead(const Invocation& invocation);

// What that process does: queues the work if the engine has the model of this invocation loaded, or may load it where
// none is. Its newest word on a file replaces older ones. Kinds: all of a session's; `conflict` when others were at it
// for too long.
enum class MayLoad { no, yes };
base::Result<void> queue_work_ahead(Invocation& invocation, const std::vector<std::string>& files, MayLoad may_load);

}  // namespace oc::cli
