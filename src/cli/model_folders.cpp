// SPDX-License-Identifier: Apache-2.0
#include "cli/model_folders.hpp"

#include "base/process.hpp"

namespace oc::cli {

base::Path own_model_folder(const base::UserFolders& folders) { return folders.data / "models"; }

std::vector<base::Path> model_folders(const Invocation& invocation) {
  std::vector<base::Path> folders{invocation.working_directory / "models"};
  for (const base::Path& folder : invocation.settings.settings().model.folders) folders.push_back(folder);
  folders.push_back(own_model_folder(invocation.folders));
  if (const auto program = base::current_executable()) {
    const base::Path bin = program->parent_path();
    folders.push_back(bin / "models");                                    // a portable folder: everything side by side
    folders.push_back(bin.parent_path() / "share/offline-coder/models");  // cmake --install
    folders.push_back(bin.parent_path().parent_path().parent_path() / "models");  // SOURCE/build/PRESET/bin
  }
  return folders;
}

}  // namespace oc::cli
