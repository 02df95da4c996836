// SPDX-License-Identifier: Apache-2.0
// Where models are looked for.
#pragma once

#include <vector>

#include "base/path.hpp"
#include "cli/invocation.hpp"

namespace oc::cli {

// ./models, the configuration's folders, the user's data folder, the installation (share/offline-coder/models beside
// bin/, or models/ of the source tree above build/). Not all of them exist.
std::vector<base::Path> model_folders(const Invocation& invocation);
// Where `model import` puts them.
base::Path own_model_folder(const base::UserFolders& folders);

}  // namespace oc::cli
