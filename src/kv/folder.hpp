// SPDX-License-Identifier: Apache-2.0
// The store's files in their folder: KEY.kv, and what is being written. Whatever else lies there (other names, links,
// folders called like a file) is nobody's of ours: never read, replaced or deleted.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "kv/chain.hpp"

namespace oc::kv {

struct StoredFile {
  Key key;
  base::ByteCount size;
  std::int64_t used_ns = 0;  // the file's time: its last use, since 1970
};

struct TemporaryFile {
  base::Path path;
  base::ByteCount size;
};

struct FolderContents {
  std::vector<StoredFile> files;  // least recently used first
  std::vector<TemporaryFile> temporaries;
  base::ByteCount size_of_files() const;
};

base::Path path_of(const base::Path& folder, const Key& key);

// One system call a file. Nothing is listed where there is no folder. A time in the future says nothing about the last
// use (a clock was wrong): such files count as the oldest.
base::Result<FolderContents> list_folder(const base::Path& folder);

}  // namespace oc::kv
