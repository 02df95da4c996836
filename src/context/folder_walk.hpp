// SPDX-License-Identifier: Apache-2.0
// Walks a tree with a few threads, folder by folder, and keeps what is worth naming. Which rules there are at the top
// is given by discovery; here the rules of each folder are added on the way down.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/folder_entries.hpp"
#include "context/discovery.hpp"
#include "context/workspace_rules.hpp"

namespace oc::context {

// Paths in a walk begin at the top of the outermost repository; `prefix` is the part that leads to the workspace.
struct WalkStart {
  base::Path workspace;
  std::string prefix;     // "" or "a/b/"
  base::FileStamp stamp;  // of the workspace
  const RepositoryRules* repository = nullptr;
  bool is_inside_repository = false;
  bool is_ignored = false;           // only what is tracked counts
  const IgnoreScope* git = nullptr;  // of the folders above
  const IgnoreScope* own = nullptr;
};

class FolderWalk {
 public:
  FolderWalk(const DiscoveryOptions& options, WorkspaceRules& rules) : options_(options), rules_(rules) {}
  // Kinds: io (the workspace cannot be read), cancelled.
  base::Result<void> run(const WalkStart& start, int threads);
  // What was found, sorted; ends the walk.
  Discovery take();

 private:
  // A folder to be read, then what was found in it.
  struct Folder {
    std::string path;  // as in WalkStart, with a '/' at the end
    const RepositoryRules* repository = nullptr;
    const IgnoreScope* git = nullptr;
    const IgnoreScope* own = nullptr;
    GitIndex::Range tracked;
    bool is_inside_repository = false;
    bool is_ignored = false;
    std::vector<FoundFile> files;  // by path
    std::vector<Folder*> folders;  // by path
  };
  // What a thread is looking at; its strings are used again.
  struct Place {
    Folder& folder;
    std::string path;  // of the entry, as in WalkStart; a folder's without the '/'
    std::vector<SkippedPath> skipped;
    std::vector<Folder> to_read;
  };
  enum class Standing { dropped, listed, listed_if_tracked };

  void work();
  void read_folder(Folder& folder, Place& place);
  void take_unreadable(const base::Path& path, const base::Error& error, Place& place);
  bool is_foreign_repository(Folder& folder, const base::Path& path);
  void add_ignore_files(Folder& folder, const base::Path& path, const std::vector<base::FolderEntry>& entries);
  void look_at(const base::FolderEntry& entry, Place& place) const;
  void look_at_folder(const base::FolderEntry& entry, Standing standing, Place& place) const;
  Standing standing_of(const base::FolderEntry& entry, const Place& place) const;
  std::optional<SkipReason> find_skip_reason(const base::FolderEntry& entry) const;
  void skip(SkipReason reason, std::string_view end, Place& place) const;
  void finish(Place& place);
  void report_progress(std::size_t files);

  const DiscoveryOptions& options_;
  WorkspaceRules& rules_;
  std::size_t prefix_size_ = 0;
  std::uint64_t device_ = 0;
  base::Path workspace_;

  std::mutex mutex_;  // for what follows
  std::condition_variable changed_;
  std::deque<Folder> folders_;    // addresses stay; the first is the workspace
  std::vector<Folder*> waiting_;  // the last one is read next: depth first keeps it short
  std::size_t busy_ = 0;
  std::vector<SkippedPath> skipped_;
  std::optional<base::Error> top_failure_;  // why the workspace cannot be read
  std::size_t unreadable_ = 0;
  std::optional<base::Error> first_unreadable_;

  std::atomic<std::size_t> found_{0};
  std::mutex progress_mutex_;
  std::chrono::steady_clock::time_point last_progress_;
};

}  // namespace oc::context
