// SPDX-License-Identifier: Apache-2.0
// Changes of several files that happen whole or not at all, and can be taken back byte for byte. What was there and
// what shall be there is on the disk before the first file is touched; whoever opens the journal after a crash finishes
// or takes back what was begun. Whether a change is wanted was decided before. For one thread; while one process
// holds the journal, others are refused.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/files.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "edit/change.hpp"
#include "edit/change_store.hpp"

namespace oc::edit {

struct JournalLimits {
  std::int64_t changes = 500;
  base::ByteCount bytes{256'000'000};
};

class ChangeJournal {
 public:
  // The journal of a workspace, in `folder` (made if need be, for this user alone). Finishes or takes back what a
  // process that died has left; notes() says what. Kinds: `conflict` while another process changes files here, for
  // longer than `patience`; `io`.
  static base::Result<ChangeJournal> open(const base::Path& folder, const JournalLimits& limits = {},
                                          std::chrono::milliseconds patience = {});
  // Every command looks for a moment whether there is something to recover; whoever has a change to make waits for
  // that.
  static constexpr std::chrono::milliseconds k_patience{2000};

  // May a process have died in the midst of a change, or failed to take one back? One look at the disk: SQLite's log
  // stays behind only then, or while a process is at work.
  static bool may_need_recovery(const base::Path& folder);

  // One sentence each: what was recovered, what was put aside; apply() may add to them.
  const std::vector<std::string>& notes() const { return notes_; }

  // Makes the change and returns its number. Kind `conflict` when a file is not what `before` says: then, and on any
  // other error, every file is as it was.
  base::Result<std::int64_t> apply(const Change& change);

  // The same for a while: keep() makes it last, undo() or the next open() takes it back.
  base::Result<std::int64_t> apply_for_trial(const Change& change);
  base::Result<void> keep(std::int64_t id);

  // What to do with files that are neither what the change made of them nor what they were.
  // overwrite: that is a change of its own and can be undone.
  enum class Strangers { refuse, overwrite };
  // Back to before, or to after again. Kinds: `usage` (no such change, or it is there already), `conflict`, `denied`,
  // `io`. On an error every file is as it was.
  base::Result<StoredChange> undo(std::int64_t id, Strangers strangers);
  base::Result<StoredChange> redo(std::int64_t id, Strangers strangers);

  // Newest first. Their `files` are empty; find() has them.
  base::Result<std::vector<StoredChange>> list();
  base::Result<std::optional<StoredChange>> find(std::int64_t id);

 private:
  ChangeJournal(base::FileLock lock, base::Path file, const JournalLimits& limits)
      : lock_(std::move(lock)), file_(std::move(file)), limits_(limits) {}

  base::Result<std::vector<StoredChange>> open_store();
  void start_anew();
  base::Result<std::int64_t> add(const StoredChange& change);
  base::Result<std::int64_t> apply_with(const Change& change, Purpose purpose);
  base::Result<StoredChange> move(std::int64_t id, Side to, Strangers strangers);
  base::Result<void> move_files(const StoredChange& change, Side to);
  base::Result<StoredChange> move_over_strangers(StoredChange found, Side to);
  base::Result<void> end_trial(const StoredChange& trial);
  base::Result<StoredChange> end_trial_over_strangers(StoredChange trial);
  base::Result<void> settle_recovered(const StoredChange& change, Side to, bool has_stranger);
  base::Result<void> recover_one(const StoredChange& change);
  static std::unexpected<base::Error> unfinished(base::Error why, const base::Error& why_not_back);

  base::FileLock lock_;
  base::Path file_;
  std::optional<ChangeStore> store_;  // there, except while a damaged one is replaced
  JournalLimits limits_;
  std::vector<std::string> notes_;
};

}  // namespace oc::edit
