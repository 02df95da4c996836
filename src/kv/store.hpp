// SPDX-License-Identifier: Apache-2.0
// Keeps computed KV in memory and on disk, so that what was computed once, for whatever request and in whatever run of
// the program, need not be computed again. What the KV means, and when it may be used, is the caller's matter.
#pragma once

#include <cstdint>
#include <memory>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "kv/chain.hpp"
#include "kv/entry.hpp"
#include "kv/memory_shelf.hpp"

namespace oc::kv {

class DiskWriter;

// What the store holds and what it did since it was made.
struct Facts {
  std::int64_t memory_entries = 0;
  base::ByteCount memory_bytes;
  base::ByteCount memory_limit;
  base::ByteCount disk_limit;
  std::int64_t memory_hits = 0;
  std::int64_t disk_hits = 0;
  std::int64_t misses = 0;          // finds that gave nothing, `refused` ones included
  std::int64_t refused = 0;         // files that were damaged, no files, too large, another's; states that did not fit
  std::int64_t memory_evicted = 0;  // for the limit's sake
  std::int64_t disk_evicted = 0;
  std::int64_t failed_writes = 0;   // the system said no; the log says why, once
  std::int64_t dropped_writes = 0;  // more was put than the disk could take, or one entry alone is over the limit
};

// For one thread; the store has another one of its own, which writes (one lock, DiskWriter::mutex_). Several processes
// may have stores in the same folder, and files may vanish at any moment: a file that is gone is a miss.
class Store {
 public:
  struct Options {
    base::Path folder;             // may be missing: made (0700) at the first write; files are 0600
    base::ByteCount memory_limit;  // least recently used entries go first
    base::ByteCount disk_limit;    // 0: no files at all, those that are there are not looked at
    // What may wait for the disk, in memory beside `memory_limit` once it is evicted there.
    base::ByteCount waiting_limit{256'000'000};
  };

  explicit Store(Options options);  // cheap: whatever the disk is asked is asked by the other thread
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  ~Store();  // writes what is waiting

  // In memory, or by its name on disk: not verified, find() may still refuse it. At most one system call.
  bool contains(const Key& key) const;
  // nullptr: there is none, or its file is not what it should be (damaged ones are deleted). What was found is the most
  // recent now, for the next process, too. From the disk: about as fast as the system copies files, a check included.
  std::shared_ptr<const Entry> find(const Key& key);
  // Into memory at once, to the disk soon; never waits for it. An entry that is there already is only made recent.
  void put(Entry entry);
  // It was of use without having been asked for: the most recent now, where it is in memory or known to be on disk. As
  // after find(), what is in memory alone is on its way to the disk again.
  void touch(const Key& key);
  // Waits until everything is written.
  void flush();
  // What was found is not what it says: it is deleted, so that it can be put anew.
  void refuse(const Key& key);
  Facts facts() const;
  struct OnDisk {
    std::int64_t entries = 0;
    base::ByteCount bytes;
  };
  // Lists the folder: about 1 µs a file. Any thread.
  OnDisk on_disk() const;

 private:
  std::shared_ptr<const Entry> read(const Key& key);
  std::int64_t next_use_ns();

  const Options options_;
  MemoryShelf memory_;
  Facts counts_;  // hits, misses, refused
  std::int64_t last_use_ns_ = 0;
  std::unique_ptr<DiskWriter> writer_;  // nullptr: no disk
};

// Deletes the files of stores in the folder (KEY.kv, and what a process that died was writing) and says how many bytes
// that were; everything else stays. A missing folder holds nothing. A store that is at work there only has misses then.
base::Result<base::ByteCount> clear(const base::Path& folder);

}  // namespace oc::kv
