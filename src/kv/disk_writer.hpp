// SPDX-License-Identifier: Apache-2.0
// The thread that brings entries to the disk, keeps the folder within its limit and gives files the time of their last
// use, so that whoever has entries never waits for a disk. Reading is the store's own matter.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "kv/entry.hpp"

namespace oc::kv {

// All functions: any thread. None but flush() and the destructor waits for the disk.
class DiskWriter {
 public:
  struct Counts {
    std::int64_t evicted = 0;  // files deleted for the limit's sake
    std::int64_t failed = 0;   // the system said no
    std::int64_t dropped = 0;  // too much was waiting, or the entry alone is larger than the limit
  };

  // `limit` of the files, `waiting_limit` of the entries that wait to be written (one may always wait). Begins with
  // deleting what a process that died was writing, and what is over the limit.
  DiskWriter(base::Path folder, base::ByteCount limit, base::ByteCount waiting_limit);
  DiskWriter(const DiskWriter&) = delete;
  DiskWriter& operator=(const DiskWriter&) = delete;
  ~DiskWriter();  // writes what is waiting

  // An entry that has a file already is not written, the file only made recent. `used_ns`: its last use, since 1970.
  void write(std::shared_ptr<const Entry> entry, std::int64_t used_ns);
  // The same for one that has had its chance: whether it has a file is not known for certain, and when there is none,
  // and no room for one, nobody has lost anything.
  void keep(std::shared_ptr<const Entry> entry, std::int64_t used_ns);
  // Makes the file recent if it is known that there is one.
  void touch(const Key& key, std::int64_t used_ns);
  // There is such a file, for it was read, and it was used; or there is none any more.
  void note_file(const Key& key, std::int64_t used_ns);
  void forget_file(const Key& key);

  // nullptr: it is not among those that are waiting or being written.
  std::shared_ptr<const Entry> find_waiting(const Key& key) const;
  // Waits until nothing is waiting.
  void flush();
  Counts counts() const;

 private:
  struct Job {
    std::shared_ptr<const Entry> entry;  // nullptr: only make the file recent
    std::int64_t used_ns = 0;
  };

  void run();
  void tidy();
  void perform(const Key& key, const Job& job);
  bool queue_write(std::shared_ptr<const Entry> entry, std::int64_t used_ns);  // under the lock; false: no room
  void queue_touch(const Key& key, std::int64_t used_ns);                      // under the lock
  void note_failure(const base::Error& error);
  base::Result<void> store(const Entry& entry, std::int64_t used_ns);
  base::Result<void> make_room(base::ByteCount size);

  const base::Path folder_;
  const base::ByteCount limit_;
  const base::ByteCount waiting_limit_;

  mutable std::mutex mutex_;  // guards everything below but the thread; never held during a system call on a file
  std::condition_variable work_;
  std::condition_variable idle_;
  std::deque<Key> order_;  // keys of waiting_, first come, first served
  std::unordered_map<Key, Job> waiting_;
  std::shared_ptr<const Entry> current_;  // being written
  base::ByteCount waiting_size_;          // current_ included
  std::unordered_set<Key> files_;         // known to be on disk; others may be there, too
  Counts counts_;
  bool is_busy_ = true;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace oc::kv
