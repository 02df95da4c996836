// SPDX-License-Identifier: Apache-2.0
// The project of this run: where it is, and its index, brought up to date with progress on the terminal.
#pragma once

#include <optional>

#include "cli/invocation.hpp"
#include "tasks/project.hpp"

namespace oc::cli {

enum class ScanPatience { as_configured, unlimited };

tasks::ProjectOptions project_options(const Invocation& invocation, ScanPatience patience);

// The invocation must outlive it. Kinds: io, cancelled.
base::Result<tasks::Project> open_project(Invocation& invocation, ScanPatience patience);

// For commands that answer: nullopt where the working directory belongs to no project (nothing marks one), where the
// configuration wants no context, and where the index cannot be used, which is told and no error. Kind `cancelled`.
base::Result<std::optional<tasks::Project>> find_project(Invocation& invocation);

}  // namespace oc::cli
