// SPDX-License-Identifier: Apache-2.0
// What git's configuration says about ignoring files, read without git. Everything else in it is left alone.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/path.hpp"
#include "context/ignore_match.hpp"

namespace oc::context {

// Where a repository keeps its things. All three are the same folder but for worktrees.
struct GitFolders {
  base::Path top;     // what the paths of its rules are relative to
  base::Path own;     // index, HEAD
  base::Path common;  // config, info/exclude
};

struct GitSettings {
  std::optional<base::Path> excludes_file;  // core.excludesFile, or where git looks without it; may not exist
  CaseRule case_rule = CaseRule::exact;     // core.ignoreCase
  std::size_t hash_size = 20;               // bytes of an object's name: 32 in repositories of the sha256 format
};

// From the system's, the user's and the repository's files, included ones too; nullptr: outside of any repository.
// What cannot be read or understood counts as not there.
GitSettings load_git_settings(const GitFolders* repository);

// Calls `take` with each setting: "section.name" or "section.subsection.name", section and name in lower case. Stops
// where the text makes no sense.
void parse_git_config(std::string_view text,
                      const std::function<void(const std::string& key, const std::string&)>& take);

// The repository whose working tree `folder` is the top of. Neither an empty .git nor a dangling one makes a
// repository.
std::optional<GitFolders> find_repository_at(const base::Path& folder);

}  // namespace oc::context
