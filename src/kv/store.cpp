// SPDX-License-Identifier: Apache-2.0
#include "kv/store.hpp"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "base/cache_files.hpp"
#include "base/files.hpp"
#include "base/folder_entries.hpp"
#include "kv/container.hpp"
#include "kv/disk_writer.hpp"
#include "kv/folder.hpp"

namespace oc::kv {
namespace {

// As fine as every file system's times are that people keep such files on (NTFS: 100 ns).
constexpr std::int64_t k_tick_ns = 1'000;

}  // namespace

Store::Store(Options options) : options_(std::move(options)), memory_(options_.memory_limit) {
  if (options_.disk_limit.value > 0)
    writer_ = std::make_unique<DiskWriter>(options_.folder, options_.disk_limit, options_.waiting_limit);
}

Store::~Store() = default;

bool Store::contains(const Key& key) const {
  if (memory_.contains(key)) return true;
  if (!writer_) return false;
  if (writer_->find_waiting(key)) return true;
  const auto found = base::find_folder_entry(path_of(options_.folder, key));
  return found && *found && (*found)->kind == base::EntryKind::file;
}

std::shared_ptr<const Entry> Store::find(const Key& key) {
  std::shared_ptr<const Entry> entry = memory_.find(key);
  if (!entry && writer_) {
    entry = writer_->find_waiting(key);
    if (entry) memory_.put(entry);
  }
  if (entry) {
    ++counts_.memory_hits;
    // Its file may have been deleted meanwhile, or the disk been full: what follows it is of no use without it.
    if (writer_) writer_->keep(entry, next_use_ns());
    return entry;
  }
  if (writer_) entry = read(key);
  if (!entry) {
    ++counts_.misses;
    return nullptr;
  }
  ++counts_.disk_hits;
  writer_->note_file(key, next_use_ns());
  memory_.put(entry);
  return entry;
}

std::shared_ptr<const Entry> Store::read(const Key& key) {
  const base::Path path = path_of(options_.folder, key);
  try {
    auto bytes = base::read_cache_file(path, std::min(options_.disk_limit, k_file_limit));
    if (!bytes) {
      // Too many open files, a scanner that has it open: that says nothing about a file of ours.
      const auto there = base::find_folder_entry(path);
      const bool is_our_kind = there && *there && (*there)->kind == base::EntryKind::file;
      if (bytes.error().kind != base::ErrorKind::io || !is_our_kind) refuse(key);
      return nullptr;
    }
    if (!*bytes) {
      writer_->forget_file(key);
      return nullptr;
    }
    auto entry = parse(*std::move(*bytes));
    if (entry && entry->key == key) return std::make_shared<const Entry>(*std::move(entry));
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
  refuse(key);
  return nullptr;
}

// What is no file stays: nobody of ours made it.
void Store::refuse(const Key& key) {
  ++counts_.refused;
  memory_.erase(key);
  if (!writer_) return;
  writer_->forget_file(key);
  const base::Path path = path_of(options_.folder, key);
  if (const auto there = base::find_folder_entry(path); there && *there && (*there)->kind == base::EntryKind::file)
    (void)base::remove_file(path);
}

void Store::put(Entry entry) {
  const Key key = entry.key;
  std::shared_ptr<const Entry> kept = memory_.find(key);
  if (!kept) {
    kept = std::make_shared<const Entry>(std::move(entry));
    memory_.put(kept);
  }
  if (writer_) writer_->write(std::move(kept), next_use_ns());
}

void Store::touch(const Key& key) {
  std::shared_ptr<const Entry> entry = memory_.find(key);
  if (!writer_) return;
  if (entry) writer_->keep(std::move(entry), next_use_ns());
  else writer_->touch(key, next_use_ns());
}

void Store::flush() {
  if (writer_) writer_->flush();
}

Facts Store::facts() const {
  Facts facts = counts_;
  facts.memory_entries = memory_.count();
  facts.memory_bytes = memory_.size();
  facts.memory_limit = options_.memory_limit;
  facts.memory_evicted = memory_.count_evicted();
  facts.disk_limit = options_.disk_limit;
  if (!writer_) return facts;
  const DiskWriter::Counts counts = writer_->counts();
  facts.disk_evicted = counts.evicted;
  facts.failed_writes = counts.failed;
  facts.dropped_writes = counts.dropped;
  return facts;
}

Store::OnDisk Store::on_disk() const {
  if (!writer_) return {};
  const auto contents = list_folder(options_.folder);
  if (!contents) return {};
  return {static_cast<std::int64_t>(contents->files.size()), contents->size_of_files()};
}

// Now, but always later than the last time, so that the order of use can be read from the files. Not the clock that the
// system itself stamps files with: it stands still for milliseconds, and the next process would begin where this one
// ended.
std::int64_t Store::next_use_ns() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const std::int64_t now_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  last_use_ns_ = std::max(now_ns, last_use_ns_ + k_tick_ns);
  return last_use_ns_;
}

base::Result<base::ByteCount> clear(const base::Path& folder) {
  OC_TRY(const FolderContents contents, list_folder(folder));
  base::ByteCount cleared;
  for (const StoredFile& file : contents.files) {
    OC_CHECK(base::remove_file(path_of(folder, file.key)));
    cleared += file.size;
  }
  for (const TemporaryFile& file : contents.temporaries) {
    OC_TRY(const bool is_gone, base::remove_abandoned_temporary(file.path));
    if (is_gone) cleared += file.size;
  }
  return cleared;
}

}  // namespace oc::kv
