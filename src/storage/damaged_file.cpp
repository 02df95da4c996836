// SPDX-License-Identifier: Apache-2.0
#include "storage/damaged_file.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

namespace oc::storage {

base::Path put_aside(const base::Path& file) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  base::Path aside = file;
  aside += fmt::format(".damaged-{}", std::chrono::duration_cast<std::chrono::seconds>(now).count());
  std::error_code code;
  for (const char* part : {"", "-wal"}) {
    base::Path from = file, to = aside;
    from += part;
    to += part;
    std::filesystem::rename(from, to, code);
  }
  base::Path shared_memory = file;
  shared_memory += "-shm";
  std::filesystem::remove(shared_memory, code);
  return aside;
}

}  // namespace oc::storage
