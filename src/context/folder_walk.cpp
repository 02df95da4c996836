// SPDX-License-Identifier: Apache-2.0
#include "context/folder_walk.hpp"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "context/source_file.hpp"

namespace oc::context {
namespace {

using base::EntryKind;
using base::FolderEntry;
using base::Path;

constexpr std::string_view k_git_folder = ".git";
constexpr std::string_view k_own_folder = ".offline-coder";

bool has_entry(const std::vector<FolderEntry>& entries, std::string_view name) {
  return std::ranges::any_of(entries, [&](const FolderEntry& entry) { return entry.name == name; });
}

}  // namespace

base::Result<void> FolderWalk::run(const WalkStart& start, int threads) {
  prefix_size_ = start.prefix.size();
  device_ = start.stamp.device;
  workspace_ = start.workspace;
  last_progress_ = std::chrono::steady_clock::now();
  Folder& top = folders_.emplace_back();
  top.path = start.prefix;
  top.repository = start.repository;
  top.git = start.git;
  top.own = start.own;
  top.tracked = start.repository->index.below(start.prefix, start.repository->index.all());
  top.is_inside_repository = start.is_inside_repository;
  top.is_ignored = start.is_ignored;
  waiting_.push_back(&top);
  std::vector<std::jthread> helpers;
  for (int i = 1; i < threads; ++i) {
    try {
      helpers.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      break;  // the system gives no more: this one does it all
    }
  }
  work();
  helpers.clear();
  if (options_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "finding files was stopped");
  if (top_failure_) return std::unexpected(*top_failure_);
  return {};
}

void FolderWalk::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !waiting_.empty() || busy_ == 0; });
    if (waiting_.empty()) return;
    Folder* const folder = waiting_.back();
    waiting_.pop_back();
    ++busy_;
    lock.unlock();
    Place place{*folder, folder->path, {}, {}};
    if (!options_.cancel.is_requested()) read_folder(*folder, place);
    report_progress(folder->files.size());
    lock.lock();
    finish(place);
    --busy_;
    if (!waiting_.empty() || busy_ == 0) changed_.notify_all();
  }
}

// Under the lock.
void FolderWalk::finish(Place& place) {
  std::ranges::move(place.skipped, std::back_inserter(skipped_));
  std::vector<Folder*>& below = place.folder.folders;
  for (Folder& folder : place.to_read) below.push_back(&folders_.emplace_back(std::move(folder)));
  if (!options_.cancel.is_requested()) waiting_.insert(waiting_.end(), below.rbegin(), below.rend());
}

void FolderWalk::read_folder(Folder& folder, Place& place) {
  const Path path = workspace_ / base::path_from_utf8(std::string_view(folder.path).substr(prefix_size_));
  auto entries = base::list_folder_entries(path);
  if (!entries) {
    take_unreadable(path, entries.error(), place);
    return;
  }
  const bool is_workspace = folder.path.size() == prefix_size_;
  if (!is_workspace && has_entry(*entries, k_git_folder) && is_foreign_repository(folder, path)) {
    place.path.pop_back();
    skip(SkipReason::nested_repository, "/", place);
    return;
  }
  add_ignore_files(folder, path, *entries);
  for (const FolderEntry& entry : *entries) {
    place.path.resize(folder.path.size());
    place.path += entry.name;
    look_at(entry, place);
  }
  std::ranges::sort(folder.files, {}, &FoundFile::path);
  folder.files.shrink_to_fit();
  std::ranges::sort(place.to_read, {}, &Folder::path);
}

void FolderWalk::take_unreadable(const Path& path, const base::Error& error, Place& place) {
  const bool is_workspace = place.folder.path.size() == prefix_size_;
  if (is_workspace) {
    const std::lock_guard lock(mutex_);
    top_failure_ = error;
    return;
  }
  const auto now = base::find_folder_entry(path);
  if (now && (!*now || (*now)->kind != EntryKind::folder)) return;  // gone since its parent was listed
  place.path.pop_back();
  skip(SkipReason::unreadable, "/", place);
  const std::lock_guard lock(mutex_);
  ++unreadable_;
  if (!first_unreadable_) first_unreadable_ = error;
}

// Outside of a repository, one that is met begins its own rules. Inside, as git does, a repository is foreign unless
// files in it are tracked by the outer one.
bool FolderWalk::is_foreign_repository(Folder& folder, const Path& path) {
  if (!folder.tracked.is_empty()) return false;
  const auto repository = find_repository_at(path);
  if (!repository) return false;
  if (folder.is_inside_repository) return true;
  folder.is_inside_repository = true;
  folder.repository = rules_.add_repository(&*repository, folder.path.size());
  folder.git = folder.repository->user;
  folder.tracked = folder.repository->index.all();
  return false;
}

void FolderWalk::add_ignore_files(Folder& folder, const Path& path, const std::vector<FolderEntry>& entries) {
  const std::size_t base_size = folder.path.size();
  const CaseRule rule = folder.repository->case_rule;
  if (!folder.is_ignored && has_entry(entries, k_git_ignore_file))
    folder.git = rules_.add_file(path / k_git_ignore_file, base_size, rule, folder.git);
  if (has_entry(entries, k_own_ignore_file))
    folder.own = rules_.add_file(path / k_own_ignore_file, base_size, rule, folder.own);
}

FolderWalk::Standing FolderWalk::standing_of(const FolderEntry& entry, const Place& place) const {
  const RulePath path{place.path, place.folder.path.size(), entry.kind};
  const auto own = find_verdict(place.folder.own, path);
  if (own == Verdict::ignored) return Standing::dropped;
  if (place.folder.is_ignored) return Standing::listed_if_tracked;
  const bool is_ignored = !own && find_verdict(place.folder.git, path) == Verdict::ignored;
  return is_ignored ? Standing::listed_if_tracked : Standing::listed;
}

void FolderWalk::look_at(const FolderEntry& entry, Place& place) const {
  const CaseRule rule = place.folder.repository->case_rule;
  if (is_same(k_git_folder, entry.name, rule) || entry.name == k_own_folder) return;
  const Standing standing = standing_of(entry, place);
  if (standing == Standing::dropped) return;
  if (entry.kind == EntryKind::folder) {
    look_at_folder(entry, standing, place);
    return;
  }
  if (standing == Standing::listed_if_tracked) {
    const RepositoryRules& repository = *place.folder.repository;
    const std::string_view path = std::string_view(place.path).substr(repository.base_size);
    if (repository.index.find(path, place.folder.tracked) == GitIndex::Tracked::no) return;
  }
  if (const auto reason = find_skip_reason(entry)) skip(*reason, "", place);
  else place.folder.files.push_back({place.path.substr(prefix_size_), entry.stamp});
}

void FolderWalk::look_at_folder(const FolderEntry& entry, Standing standing, Place& place) const {
  const Folder& outer = place.folder;
  const RepositoryRules& repository = *outer.repository;
  Folder inner;
  inner.path = place.path + '/';
  if (!outer.tracked.is_empty()) {
    const std::string_view path = std::string_view(inner.path).substr(repository.base_size);
    if (repository.index.find(path.substr(0, path.size() - 1), outer.tracked) == GitIndex::Tracked::submodule) {
      skip(SkipReason::nested_repository, "/", place);
      return;
    }
    inner.tracked = repository.index.below(path, outer.tracked);
  }
  inner.is_ignored = standing == Standing::listed_if_tracked;
  if (inner.is_ignored && inner.tracked.is_empty()) return;
  if (entry.stamp.device != device_) {
    skip(SkipReason::other_device, "/", place);
    return;
  }
  inner.repository = outer.repository;
  inner.git = outer.git;
  inner.own = outer.own;
  inner.is_inside_repository = outer.is_inside_repository;
  place.to_read.push_back(std::move(inner));
}

std::optional<SkipReason> FolderWalk::find_skip_reason(const FolderEntry& entry) const {
  if (entry.kind == EntryKind::symlink) return SkipReason::symlink;
  if (entry.kind == EntryKind::special) return SkipReason::special;
  if (is_secret_file_name(entry.name)) return SkipReason::secret;
  if (options_.file_limit.value > 0 && entry.stamp.size > options_.file_limit.value) return SkipReason::too_large;
  return std::nullopt;
}

void FolderWalk::skip(SkipReason reason, std::string_view end, Place& place) const {
  place.skipped.push_back({place.path.substr(prefix_size_).append(end), reason});
}

void FolderWalk::report_progress(std::size_t files) {
  constexpr auto pause = std::chrono::milliseconds(200);
  const std::size_t all = found_.fetch_add(files, std::memory_order_relaxed) + files;
  if (!options_.progress) return;
  const std::unique_lock lock(progress_mutex_, std::try_to_lock);
  if (!lock) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_progress_ < pause) return;
  last_progress_ = now;
  options_.progress(all);
}

// Folders come before what sorts after their name with its '/': so the whole is sorted as every folder is.
Discovery FolderWalk::take() {
  Discovery found;
  found.files.reserve(found_.load());
  struct Position {
    Folder* folder;
    std::size_t file = 0;
    std::size_t inner = 0;
  };
  std::vector<Position> open{{&folders_.front()}};
  while (!open.empty()) {
    Position& at = open.back();
    Folder& folder = *at.folder;
    const Folder* const next = at.inner < folder.folders.size() ? folder.folders[at.inner] : nullptr;
    const auto next_path = next != nullptr ? std::string_view(next->path).substr(prefix_size_) : std::string_view();
    for (; at.file < folder.files.size(); ++at.file) {
      if (next != nullptr && folder.files[at.file].path > next_path) break;
      found.files.push_back(std::move(folder.files[at.file]));
    }
    if (next == nullptr) {
      folder.files = {};
      open.pop_back();
    } else {
      open.push_back({folder.folders[at.inner++]});
    }
  }
  found.skipped = std::move(skipped_);
  std::ranges::sort(found.skipped, {}, &SkippedPath::path);
  found.notes = rules_.take_notes();
  std::ranges::sort(found.notes);
  if (first_unreadable_)
    found.notes.push_back(unreadable_ == 1 ? first_unreadable_->message
                                           : fmt::format("{} folders cannot be read, one of them: {}", unreadable_,
                                                         first_unreadable_->message));
  return found;
}

}  // namespace oc::context
