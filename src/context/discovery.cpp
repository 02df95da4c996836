// SPDX-License-Identifier: Apache-2.0
#include "context/discovery.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/system.hpp"
#include "context/folder_walk.hpp"
#include "context/workspace_rules.hpp"

namespace oc::context {
namespace {

using base::ErrorKind;
using base::fail;
using base::Path;

// The repository that a folder is the top of or lies in, on the same device.
std::optional<GitFolders> find_repository_around(const Path& workspace, std::uint64_t device) {
  for (Path folder = workspace;; folder = folder.parent_path()) {
    const auto entry = base::find_folder_entry(folder);
    if (!entry || !*entry || (*entry)->stamp.device != device) return std::nullopt;
    if (auto found = find_repository_at(folder)) return found;
    if (folder == folder.parent_path()) return std::nullopt;
  }
}

// Adds the rules of the folders from the repository's top down to the one above the workspace.
class RulesAbove {
 public:
  RulesAbove(WorkspaceRules& rules, WalkStart& start) : rules_(rules), start_(start) {}

  void add(const Path& top) {
    Path folder = top;
    std::string path;
    std::string_view rest = start_.prefix;
    while (!rest.empty() && !is_dropped_) {
      const CaseRule rule = start_.repository->case_rule;
      if (!start_.is_ignored) start_.git = rules_.add_file(folder / k_git_ignore_file, path.size(), rule, start_.git);
      start_.own = rules_.add_file(folder / k_own_ignore_file, path.size(), rule, start_.own);
      const std::string_view name = rest.substr(0, rest.find('/'));
      judge(path, name);
      folder /= base::path_from_utf8(name);
      path.append(name) += '/';
      rest.remove_prefix(name.size() + 1);
    }
  }
  // Does .offlinecoderignore name the workspace or a folder above it?
  bool is_dropped() const { return is_dropped_; }

 private:
  void judge(const std::string& folder, std::string_view name) {
    const std::string path = folder + std::string(name);
    const RulePath rule_path{path, folder.size(), base::EntryKind::folder};
    const auto own = find_verdict(start_.own, rule_path);
    if (own == Verdict::ignored) is_dropped_ = true;
    if (!own && find_verdict(start_.git, rule_path) == Verdict::ignored) start_.is_ignored = true;
  }

  WorkspaceRules& rules_;
  WalkStart& start_;
  bool is_dropped_ = false;
};

base::Result<WalkStart> find_start(const Path& workspace) {
  std::error_code code;
  WalkStart start;
  start.workspace = std::filesystem::canonical(workspace, code);
  if (code) return fail(ErrorKind::io, fmt::format("cannot list {}: {}", base::display(workspace), code.message()));
  OC_TRY(const auto entry, base::find_folder_entry(start.workspace));
  if (!entry || entry->kind != base::EntryKind::folder)
    return fail(ErrorKind::io, fmt::format("cannot list {}: it is not a folder", base::display(workspace)));
  start.stamp = entry->stamp;
  return start;
}

int thread_count(int wanted) {
  constexpr int most = 8;  // more wait for each other in the system
  return wanted > 0 ? wanted : std::min(base::physical_core_count(), most);
}

}  // namespace

std::string_view to_string(SkipReason reason) {
  switch (reason) {
    case SkipReason::secret: return "secret";
    case SkipReason::too_large: return "too large";
    case SkipReason::special: return "special";
    case SkipReason::symlink: return "symlink";
    case SkipReason::other_device: return "other device";
    case SkipReason::nested_repository: return "nested repository";
    case SkipReason::unreadable: return "unreadable";
    case SkipReason::binary: return "binary";
    case SkipReason::generated: return "generated";
  }
  return "skipped";
}

base::Result<Discovery> discover_files(const DiscoveryOptions& options) {
  OC_TRY(WalkStart start, find_start(options.workspace));
  WorkspaceRules rules;
  const auto repository = find_repository_around(start.workspace, start.stamp.device);
  start.repository = rules.add_repository(repository ? &*repository : nullptr, 0);
  start.git = start.repository->user;
  start.is_inside_repository = repository.has_value();
  if (repository && repository->top != start.workspace) {
    start.prefix = base::to_utf8(base::relative_to(start.workspace, repository->top)) + '/';
    RulesAbove above(rules, start);
    above.add(repository->top);
    if (above.is_dropped()) {
      Discovery nothing;
      nothing.notes = rules.take_notes();
      nothing.notes.push_back(
          fmt::format("{} is named in {}: nothing in it counts", base::display(start.workspace), k_own_ignore_file));
      return nothing;
    }
  }
  if (start.is_ignored)
    rules.add_note(
        fmt::format("git's rules ignore {}: only files that are tracked count", base::display(start.workspace)));
  FolderWalk walk(options, rules);
  OC_CHECK(walk.run(start, thread_count(options.threads)));
  return walk.take();
}

}  // namespace oc::context
