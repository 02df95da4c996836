// SPDX-License-Identifier: Apache-2.0
// The table of changes with the bytes of before and after, in a file of its own (changes.db). What they mean for the
// files of the user is change_journal's business. For one thread; several processes are kept apart by the journal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "edit/change.hpp"
#include "storage/database.hpp"

namespace oc::edit {

// One side of a change: what its files hold.
enum class Side { before, after };

// trial: it goes back whatever happens, unless it is kept.
enum class Purpose { lasting, trial };

struct StoredFile {
  FileChange change;
  int permissions = 0;                  // of the file as it was before; 0: unknown
  std::vector<base::Path> new_folders;  // that had to be made for it, the outermost first
};

struct StoredChange {
  std::int64_t id = 0;
  std::int64_t made_s = 0;  // since 1970
  std::string title;
  Side now = Side::before;      // where its files stand, once nothing is pending
  std::optional<Side> pending;  // where they are being taken to; a process that died leaves it
  Purpose purpose = Purpose::lasting;
  std::vector<StoredFile> files;   // empty in lists
  std::vector<std::string> names;  // of the files
};

class ChangeStore {
 public:
  // Opens or makes the file. Kind `io`; storage::is_damage() where only put_aside() helps.
  static base::Result<ChangeStore> open(const base::Path& file);
  // Gives a damaged file another name, which is returned. Its store must be closed.
  static base::Path put_aside(const base::Path& file);

  // Everything written is on the disk when a function returns.
  // A draft: in no list, gone with the next remove_drafts() unless begin() makes a change of it.
  base::Result<std::int64_t> add(const StoredChange& change);
  // From now on its files are being taken to a side. The room that begin(), turn() and the functions that end it write
  // to is taken from the disk first: a disk that is full is noticed here, before any file is touched.
  base::Result<void> begin(std::int64_t id, Side to, Purpose purpose);
  base::Result<void> turn(std::int64_t id, Side to);
  // Nothing is pending any more, and the files stand at `now`.
  base::Result<void> settle(std::int64_t id, Side now);
  // As if it had never been begun.
  base::Result<void> abandon(std::int64_t id);
  base::Result<void> remove(std::int64_t id);
  base::Result<void> remove_drafts();
  // Removes the oldest that are settled, until at most `count` and `bytes` are left.
  base::Result<void> shrink(std::int64_t count, base::ByteCount bytes);

  base::Result<std::vector<StoredChange>> list();  // newest first, without bytes
  base::Result<std::vector<StoredChange>> find_pending();
  base::Result<std::optional<StoredChange>> find(std::int64_t id);

 private:
  explicit ChangeStore(storage::Database database) : database_(std::move(database)) {}
  base::Result<std::vector<StoredChange>> read(std::string_view where, std::int64_t parameter);
  base::Result<void> read_files(StoredChange& change);
  base::Result<void> read_names(StoredChange& change);
  base::Result<void> take_room(std::int64_t id);
  base::Result<void> show_whether_unfinished();

  storage::Database database_;
};

}  // namespace oc::edit
