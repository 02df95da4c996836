// SPDX-License-Identifier: Apache-2.0
// The models a user has, found by name in folders that somebody else names. model_import.hpp brings new ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "tasks/model_files.hpp"

namespace oc::tasks {

inline constexpr std::string_view k_starter_name = "starter";

class ModelLibrary {
 public:
  // Folders in order of precedence; those that do not exist are skipped.
  explicit ModelLibrary(std::vector<base::Path> folders) : folders_(std::move(folders)) {}

  // In the folders' order and by name in each; the first folder that has a name wins. Models that lack a part are there
  // too (LibraryModel::is_complete). Kind `io` when a folder cannot be read.
  base::Result<std::vector<LibraryModel>> list() const;
  // A path (relative to `working_directory`; it has a folder in it, or ends in ".gguf" and exists), or a name, without
  // regard to case, or the beginning of one name alone. Kind `model` with the nearest names, or with the part that is
  // missing.
  base::Result<LibraryModel> find(std::string_view name_or_path, const base::Path& working_directory) const;
  // What to use when nothing is configured: the largest model that fits into `memory` or is one of `loaded`, else the
  // smallest, and the starter model only if there is no other. Kind `model` when there is none at all.
  base::Result<LibraryModel> choose_default(base::ByteCount memory, const std::vector<base::Path>& loaded = {}) const;

 private:
  std::vector<base::Path> folders_;
};

}  // namespace oc::tasks
