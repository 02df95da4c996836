// SPDX-License-Identifier: Apache-2.0
// Which files a model is made of, and how they were when somebody looked: size, times and the file's number.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "base/folder_entries.hpp"
#include "base/path.hpp"

namespace oc::inference {

struct StampedFile {
  base::Path path;  // of no link
  base::FileStamp stamp;
  bool operator==(const StampedFile&) const = default;
};

// All parts of a split model, in order; a part that is gone meanwhile is left out. Kind `model` when one is missing.
base::Result<std::vector<StampedFile>> stamp_parts(const base::Path& model);

}  // namespace oc::inference
