// SPDX-License-Identifier: Apache-2.0
// What matters in the output of a compiler or a test run when there is no room for all of it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace oc::tasks {

// At most `most` bytes of UTF-8 without controls, whole lines, the last one ended: all of it if it fits, else the lines
// round the first errors and the last lines, "…" where lines are missing. Lines of progress that were overwritten are
// left out, long lines cut. Linear.
std::string check_excerpt(std::string_view output, std::size_t most);

}  // namespace oc::tasks
