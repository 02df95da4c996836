// SPDX-License-Identifier: Apache-2.0
// The two commented configuration files of the top folder config/, built into the program.
#pragma once

#include <string_view>

namespace oc::config {

// What `init` writes as a project's .offline-coder/config.yaml: every key a project may set, commented out.
std::string_view project_template();
// Every key there is with its default, for a user's own file.
std::string_view default_template();

}  // namespace oc::config
