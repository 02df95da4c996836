// SPDX-License-Identifier: Apache-2.0
// Where this user's things live. OFFLINE_CODER_HOME moves all of them below one folder (portable use, tests).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::base {

struct UserFolders {
  Path config;   // $XDG_CONFIG_HOME/offline-coder · %APPDATA%\offline-coder
  Path data;     // $XDG_DATA_HOME/offline-coder · %LOCALAPPDATA%\offline-coder: models
  Path state;    // $XDG_STATE_HOME/offline-coder · %LOCALAPPDATA%\offline-coder\state: logs
  Path cache;    // $XDG_CACHE_HOME/offline-coder · %LOCALAPPDATA%\offline-coder\cache: what can be computed again
  Path runtime;  // $XDG_RUNTIME_DIR/offline-coder, else a folder of this user in the temporary folder: the socket
};

// Names only, nothing is created. Kind `configuration` when there is no home to be found.
Result<UserFolders> find_user_folders();

// An environment variable as UTF-8; nullopt if unset or empty.
std::optional<std::string> environment_variable(const char* name);
// Sets one for this process and its children. Only while no other thread runs.
void set_environment_variable(const char* name, const char* value);
// Every variable whose name begins with `prefix` and that is not empty, sorted by name; names and values as UTF-8.
// On Windows, where names have no case, the prefix is matched in upper case and names come in upper case.
std::vector<std::pair<std::string, std::string>> environment_variables(std::string_view prefix);

}  // namespace oc::base
