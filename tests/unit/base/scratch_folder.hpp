// SPDX-License-Identifier: Apache-2.0
// A new folder for one test, with a name that needs wide characters and quoting; gone afterwards.
#pragma once

#include <atomic>
#include <filesystem>
#include <set>
#include <string>

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/process.hpp"

namespace oc::base::testing {

class ScratchFolder {
 public:
  ScratchFolder() {
    static std::atomic<int> counter{0};
    const std::string name = fmt::format("oc base ż日 {}-{}", current_process_id(), counter++);
    path_ = std::filesystem::temp_directory_path() / path_from_utf8(name);
    std::filesystem::create_directories(path_);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const Path& path() const { return path_; }
  Path operator/(std::string_view name) const { return path_ / path_from_utf8(name); }
  // What lies in it, temporary files included.
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) found.insert(to_utf8(entry.path().filename()));
    return found;
  }

 private:
  Path path_;
};

}  // namespace oc::base::testing
