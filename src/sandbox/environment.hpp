// SPDX-License-Identifier: Apache-2.0
// What a command gets to see of this user's environment: a list of names, never everything but some.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace oc::sandbox {

using Variable = std::pair<std::string, std::string>;

// "NAME=value" for each of `all` that the table or `more_names` allow, and NO_COLOR=1, TERM=dumb. A name that ends in
// '*' stands for all that begin like it. Names have no case on Windows. Sorted. Pure.
std::vector<std::string> allowed_environment(std::span<const Variable> all, std::span<const std::string> more_names);

// The same of the environment this process has.
std::vector<std::string> current_environment(std::span<const std::string> more_names);

}  // namespace oc::sandbox
