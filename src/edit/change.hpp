// SPDX-License-Identifier: Apache-2.0
// A change of files as whole contents: what was there, what shall be there. A value; making it real is
// change_journal's work.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/path.hpp"

namespace oc::edit {

struct FileChange {
  base::Path path;                    // absolute
  std::string shown;                  // the name for people: relative to the workspace, with '/'
  std::optional<std::string> before;  // bytes; nullopt: there is no such file
  std::optional<std::string> after;   // bytes; nullopt: it goes
  bool operator==(const FileChange&) const = default;
};

struct Change {
  std::string title;  // one line: what made it
  std::vector<FileChange> files;
};

}  // namespace oc::edit
