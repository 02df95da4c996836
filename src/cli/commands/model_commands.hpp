// SPDX-License-Identifier: Apache-2.0
// The rows of `model …` that have a file of their own.
#pragma once

#include "cli/command_line.hpp"

namespace oc::cli {

void add_model_import_command(CommandLine& line);
void add_model_optimize_command(CommandLine& line);

}  // namespace oc::cli
