// SPDX-License-Identifier: Apache-2.0
#include "inference/stamped_file.hpp"

#include <filesystem>
#include <system_error>

#include "llama/model.hpp"

namespace oc::inference {

base::Result<std::vector<StampedFile>> stamp_parts(const base::Path& model) {
  OC_TRY(const auto parts, llama::find_model_parts(model));
  std::vector<StampedFile> files;
  for (const base::Path& part : parts) {
    std::error_code code;
    const base::Path target = std::filesystem::canonical(part, code);
    const auto entry = base::find_folder_entry(code ? part : target);
    if (entry && *entry) files.push_back({code ? part : target, (*entry)->stamp});
  }
  return files;
}

}  // namespace oc::inference
