// SPDX-License-Identifier: Apache-2.0
// What the index knows of every file, as far as it takes to see which of them changed: one block of memory for all
// paths, a few words a file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/folder_entries.hpp"
#include "context/index_schema.hpp"
#include "storage/database.hpp"

namespace oc::context {

struct KnownFile {
  FileId id = 0;
  base::FileStamp stamp;
  std::size_t path_begin = 0;
  std::uint32_t path_size = 0;
  bool racy = false;  // the stamp proves nothing
  std::int64_t state = k_state_indexed;
};

class KnownFiles {
 public:
  // By path.
  static base::Result<KnownFiles> load(storage::Database& database);

  const std::vector<KnownFile>& all() const { return files_; }
  std::string_view path_of(const KnownFile& file) const {
    return std::string_view(paths_).substr(file.path_begin, file.path_size);
  }

 private:
  std::vector<KnownFile> files_;
  std::string paths_;
};

}  // namespace oc::context
