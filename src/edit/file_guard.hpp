// SPDX-License-Identifier: Apache-2.0
// Which files may be changed at all: plain files of the workspace that nothing executes or obeys by itself. The names
// come from models and repositories, so everything here is hostile input.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::edit {

struct GuardOptions {
  base::Path workspace;               // absolute
  std::vector<base::Path> permitted;  // absolute: the user said an explicit yes for these names; not for links
};

// Kind `denied` with the reason: outside the workspace, also by way of links; a link itself, or one on the way; a file
// with several names (hard links), a read-only one, none that is regular; one that tools run or obey by themselves
// (.git and its hooks, .vscode, .envrc, CI files …), compared without regard to case and look-alikes, also when it does
// not exist yet. Names with hidden or control characters and links are denied whatever is permitted. Kind `io` when the
// file cannot be looked at.
base::Result<void> check_may_change(const base::Path& path, const GuardOptions& options);

// The last of these alone. `inside`: relative to the workspace.
bool runs_by_itself(const base::Path& inside);

}  // namespace oc::edit
