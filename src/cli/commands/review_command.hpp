// SPDX-License-Identifier: Apache-2.0
// A review that another command wants.
#pragma once

#include <string>
#include <vector>

#include "cli/invocation.hpp"

namespace oc::cli {

// The findings as text, a line each: in the named files and folders, or without any in what is not committed.
base::Result<std::string> review_as_text(Invocation& invocation, const std::vector<std::string>& names);

}  // namespace oc::cli
