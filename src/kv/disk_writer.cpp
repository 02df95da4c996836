// SPDX-License-Identifier: Apache-2.0
#include "kv/disk_writer.hpp"

#include <array>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/cache_files.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kv/container.hpp"
#include "kv/folder.hpp"

namespace oc::kv {

DiskWriter::DiskWriter(base::Path folder, base::ByteCount limit, base::ByteCount waiting_limit)
    : folder_(std::move(folder)), limit_(limit), waiting_limit_(waiting_limit), thread_([this] { run(); }) {}

DiskWriter::~DiskWriter() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  work_.notify_all();
  thread_.join();
}

void DiskWriter::write(std::shared_ptr<const Entry> entry, std::int64_t used_ns) {
  const std::lock_guard lock(mutex_);
  if (!queue_write(std::move(entry), used_ns)) ++counts_.dropped;
}

void DiskWriter::keep(std::shared_ptr<const Entry> entry, std::int64_t used_ns) {
  const std::lock_guard lock(mutex_);
  (void)queue_write(std::move(entry), used_ns);
}

bool DiskWriter::queue_write(std::shared_ptr<const Entry> entry, std::int64_t used_ns) {
  const Key key = entry->key;
  const auto found = waiting_.find(key);
  const bool is_queued = found != waiting_.end();
  if (files_.contains(key) || (is_queued && found->second.entry)) {
    queue_touch(key, used_ns);
    return true;
  }
  const base::ByteCount size = size_of(*entry);
  const bool is_too_much = waiting_size_.value > 0 && waiting_size_ + size > waiting_limit_;
  if (is_too_much || size > limit_ || size > k_file_limit) return false;
  if (!is_queued) order_.push_back(key);
  waiting_[key] = {std::move(entry), used_ns};
  waiting_size_ += size;
  work_.notify_one();
  return true;
}

void DiskWriter::touch(const Key& key, std::int64_t used_ns) {
  const std::lock_guard lock(mutex_);
  if (files_.contains(key) || waiting_.contains(key)) queue_touch(key, used_ns);
}

void DiskWriter::note_file(const Key& key, std::int64_t used_ns) {
  const std::lock_guard lock(mutex_);
  files_.insert(key);
  queue_touch(key, used_ns);
}

void DiskWriter::forget_file(const Key& key) {
  const std::lock_guard lock(mutex_);
  files_.erase(key);
}

void DiskWriter::queue_touch(const Key& key, std::int64_t used_ns) {
  const auto [place, is_new] = waiting_.try_emplace(key);
  place->second.used_ns = used_ns;
  if (!is_new) return;
  order_.push_back(key);
  work_.notify_one();
}

std::shared_ptr<const Entry> DiskWriter::find_waiting(const Key& key) const {
  const std::lock_guard lock(mutex_);
  if (current_ && current_->key == key) return current_;
  const auto found = waiting_.find(key);
  return found == waiting_.end() ? nullptr : found->second.entry;
}

void DiskWriter::flush() {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return order_.empty() && !is_busy_; });
}

DiskWriter::Counts DiskWriter::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

void DiskWriter::run() {
  tidy();
  std::unique_lock lock(mutex_);
  for (;;) {
    is_busy_ = false;
    if (order_.empty()) idle_.notify_all();
    work_.wait(lock, [this] { return is_ending_ || !order_.empty(); });
    if (order_.empty()) return;
    const Key key = order_.front();
    order_.pop_front();
    Job job = std::move(waiting_.extract(key).mapped());
    current_ = job.entry;
    is_busy_ = true;
    lock.unlock();
    perform(key, job);
    lock.lock();
    if (current_) waiting_size_ -= size_of(*current_);
    current_ = nullptr;
  }
}

void DiskWriter::perform(const Key& key, const Job& job) {
  try {
    if (!job.entry) {
      const auto is_there = base::set_file_time(path_of(folder_, key), job.used_ns);
      if (!is_there) return note_failure(is_there.error());
      if (!*is_there) forget_file(key);
    } else if (const auto stored = store(*job.entry, job.used_ns); !stored) {
      note_failure(stored.error());
    } else {
      const std::lock_guard lock(mutex_);
      files_.insert(key);
    }
  } catch (const std::exception& error) {  // no memory, most likely
    note_failure({base::ErrorKind::io, fmt::format("cannot store KV: {}", error.what()), {}});
  }
}

void DiskWriter::note_failure(const base::Error& error) {
  bool is_first = false;
  {
    const std::lock_guard lock(mutex_);
    is_first = counts_.failed++ == 0;
  }
  // Once: a full disk would fill the log, too.
  if (is_first) base::log(base::LogLevel::warning, "computed KV is not kept on disk: " + error.message);
}

void DiskWriter::tidy() {
  try {
    const auto contents = list_folder(folder_);
    if (!contents) return note_failure(contents.error());
    for (const TemporaryFile& file : contents->temporaries) (void)base::remove_abandoned_temporary(file.path);
    if (const auto made = make_room({}); !made) note_failure(made.error());
  } catch (const std::exception& error) {
    note_failure({base::ErrorKind::io, fmt::format("cannot look for stored KV: {}", error.what()), {}});
  }
}

// No sync: the checksum tells a file that a crash of the machine left unfinished, and it can be computed again.
base::Result<void> DiskWriter::store(const Entry& entry, std::int64_t used_ns) {
  const base::Path path = path_of(folder_, entry.key);
  OC_TRY(const auto existing, base::find_folder_entry(path));
  if (existing && existing->kind != base::EntryKind::file)
    return base::fail(base::ErrorKind::io, fmt::format("cannot write {}: it is not a file", base::display(path)));
  if (existing) {
    OC_CHECK(base::set_file_time(path, used_ns));
    return {};
  }
  const std::string after_state = encode_after_state(entry);
  const base::ByteCount size(static_cast<std::int64_t>(entry.state.size() + after_state.size()));
  OC_CHECK(base::make_folder(folder_, base::FileAccess::owner_only));
  OC_CHECK(make_room(size));
  std::error_code code;
  const auto space = std::filesystem::space(folder_, code);
  // Known beforehand, so that what is left of a disk is not used up for a moment.
  if (!code && space.available < static_cast<std::uintmax_t>(size.value))
    return base::fail(base::ErrorKind::io,
                      fmt::format("cannot write {}: {} are free", base::display(path),
                                  base::format_bytes(base::ByteCount(static_cast<std::int64_t>(space.available)))));
  const std::array<std::string_view, 2> pieces{entry.state, after_state};
  return base::write_cache_file(path, pieces, used_ns);
}

// Lists the folder anew each time: another process may work in it.
base::Result<void> DiskWriter::make_room(base::ByteCount size) {
  OC_TRY(const FolderContents contents, list_folder(folder_));
  base::ByteCount total = contents.size_of_files() + size;
  for (const StoredFile& file : contents.files) {
    if (total <= limit_) return {};
    if (!base::remove_file(path_of(folder_, file.key))) continue;  // somebody reads it just now (Windows)
    total -= file.size;
    const std::lock_guard lock(mutex_);
    files_.erase(file.key);
    ++counts_.evicted;
  }
  if (total <= limit_) return {};
  return base::fail(base::ErrorKind::io, fmt::format("cannot make room in {}", base::display(folder_)));
}

}  // namespace oc::kv
