// SPDX-License-Identifier: Apache-2.0
// The ignore files and the repositories that a walk meets: reads them and keeps them until the walk is done. Any thread
// may add some. What the rules say of a path is left to ignore_rules, the walk itself to folder_walk.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/path.hpp"
#include "context/git_config.hpp"
#include "context/git_index.hpp"
#include "context/ignore_rules.hpp"

namespace oc::context {

inline constexpr std::string_view k_git_ignore_file = ".gitignore";
inline constexpr std::string_view k_own_ignore_file = ".offlinecoderignore";

// What git knows of one repository, or would know if there were one.
struct RepositoryRules {
  std::size_t base_size = 0;  // the part of paths that leads to its top, with its '/'
  GitIndex index;
  CaseRule case_rule = CaseRule::exact;
  const IgnoreScope* user = nullptr;  // info/exclude, then core.excludesFile
};

class WorkspaceRules {
 public:
  // `repository` nullptr: only the user's own rules.
  const RepositoryRules* add_repository(const GitFolders* repository, std::size_t base_size);
  // `outer` with the rules of that file before it, or `outer` itself if there are none. The path of the folder is
  // `base_size` long, with its '/'. A link is not followed, as git does.
  const IgnoreScope* add_file(const base::Path& path, std::size_t base_size, CaseRule rule, const IgnoreScope* outer);
  void add_note(std::string note);
  std::vector<std::string> take_notes();

 private:
  const IgnoreScope* add_readable_file(const base::Path& path, std::size_t base_size, CaseRule rule,
                                       const IgnoreScope* outer);
  GitIndex load_index(const GitFolders& repository, std::size_t hash_size);

  std::mutex mutex_;
  std::deque<IgnoreScope> scopes_;  // addresses stay
  std::deque<RepositoryRules> repositories_;
  std::vector<std::string> notes_;
};

}  // namespace oc::context
