// SPDX-License-Identifier: Apache-2.0
// Taking changes back from inside another command.
#pragma once

#include "cli/invocation.hpp"

namespace oc::cli {

// As 'undo' does: the newest change is shown, asked for and taken back. Kind `negative` when there is none.
base::Result<int> undo_newest_change(Invocation& invocation);

}  // namespace oc::cli
