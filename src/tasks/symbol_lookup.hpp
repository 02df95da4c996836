// SPDX-License-Identifier: Apache-2.0
// A symbol by name → the lines it stands on.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "context/source_file.hpp"
#include "tasks/project.hpp"
#include "tasks/requests.hpp"

namespace oc::tasks {

// In this file, as it is now. Kind `usage` with the nearest name when there is none.
base::Result<std::vector<FilePart>> find_symbol_in_file(const context::SourceFile& file, const std::string& name);

// In the project's index: definitions, or declarations where there is no definition. Kind `usage` when there is none,
// and, naming the places, when there are more than three.
base::Result<std::vector<FilePart>> find_symbol_in_project(Project& project, const std::string& name);

}  // namespace oc::tasks
