// SPDX-License-Identifier: Apache-2.0
#include "edit/change_store.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "storage/damaged_file.hpp"

namespace oc::edit {
namespace {

using base::Result;

constexpr storage::Schema k_schema{0x6f636368, 1, R"sql(
CREATE TABLE change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  made_s INTEGER NOT NULL,
  title TEXT NOT NULL,
  now INTEGER NOT NULL,          -- 0: before, 1: after
  pending INTEGER NOT NULL,      -- -1: nothing
  trial INTEGER NOT NULL
);
CREATE TABLE file (
  change INTEGER NOT NULL REFERENCES change(id),
  position INTEGER NOT NULL,
  path BLOB NOT NULL,
  shown TEXT NOT NULL,
  was_there INTEGER NOT NULL,
  old_bytes BLOB,
  is_there INTEGER NOT NULL,
  new_bytes BLOB,
  permissions INTEGER NOT NULL,
  new_folders BLOB NOT NULL,     -- each with a NUL behind it
  PRIMARY KEY (change, position)
) WITHOUT ROWID;
)sql"};

constexpr std::int64_t k_nothing_pending = -1;

std::int64_t number_of(Side side) { return side == Side::after ? 1 : 0; }
Side side_of(std::int64_t number) { return number == 1 ? Side::after : Side::before; }

std::string joined(const std::vector<base::Path>& folders) {
  std::string text;
  for (const base::Path& folder : folders) (text += base::to_utf8(folder)) += '\0';
  return text;
}

std::optional<std::string> optional_bytes(const storage::Statement& row, int flag, int column) {
  if (row.integer(flag) == 0) return std::nullopt;
  return std::string(row.bytes(column));
}

}  // namespace

Result<ChangeStore> ChangeStore::open(const base::Path& file) {
  OC_TRY(auto database, storage::Database::open(file, k_schema));
  ChangeStore store(std::move(database));
  // What is said to be stored must survive a power cut: it is what the user's bytes come back from.
  OC_CHECK(store.database_.execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON"));
  OC_CHECK(store.show_whether_unfinished());
  return store;
}

base::Path ChangeStore::put_aside(const base::Path& file) { return storage::put_aside(file); }

Result<std::int64_t> ChangeStore::add(const StoredChange& change) {
  OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
  OC_TRY(auto insert,
         database_.prepare("INSERT INTO change (made_s, title, now, pending, trial) VALUES (?1, ?2, ?3, ?4, ?5)"));
  insert.bind(1, change.made_s).bind_text(2, change.title).bind(3, number_of(change.now));
  insert.bind(4, k_nothing_pending).bind(5, 1);
  OC_CHECK(insert.run());
  OC_TRY(auto last, database_.prepare("SELECT last_insert_rowid()"));
  OC_CHECK(last.step());
  const std::int64_t id = last.integer(0);
  last.reset();
  OC_TRY(auto insert_file, database_.prepare("INSERT INTO file VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"));
  std::int64_t position = 0;
  for (const StoredFile& file : change.files) {
    const std::string path = base::to_utf8(file.change.path);
    const std::string folders = joined(file.new_folders);
    const auto& [unused_path, shown, before, after] = file.change;
    insert_file.bind(1, id).bind(2, position++).bind_blob(3, path).bind_text(4, shown);
    insert_file.bind(5, before ? 1 : 0).bind_blob(6, before ? std::string_view(*before) : std::string_view());
    insert_file.bind(7, after ? 1 : 0).bind_blob(8, after ? std::string_view(*after) : std::string_view());
    insert_file.bind(9, file.permissions).bind_blob(10, folders);
    OC_CHECK(insert_file.run());
    insert_file.reset();
  }
  OC_CHECK(transaction.commit());
  return id;
}

// SQLite writes a log from its start again, over the same bytes, once all of it has been taken into the file.
Result<void> ChangeStore::take_room(std::int64_t id) {
  // Three are needed: begin, turn and an end. SQLite writes nothing where a row stays what it is.
  constexpr std::array<std::int64_t, 4> k_there_and_back{1, -1, 1, -1};
  // What these say need not survive anything.
  OC_CHECK(database_.execute("PRAGMA synchronous=OFF"));
  Result<void> written;
  for (const std::int64_t seconds : k_there_and_back) {
    OC_TRY(auto update, database_.prepare("UPDATE change SET made_s = made_s + ?2 WHERE id = ?1"));
    if (written) written = update.bind(1, id).bind(2, seconds).run();
  }
  OC_CHECK(database_.execute("PRAGMA synchronous=FULL"));
  OC_CHECK(written);
  return database_.execute("PRAGMA wal_checkpoint(FULL)");
}

// A process that ends while something is pending leaves the log, as one that dies does: see may_need_recovery().
Result<void> ChangeStore::show_whether_unfinished() {
  OC_TRY(auto select, database_.prepare("SELECT EXISTS (SELECT 1 FROM change WHERE pending <> -1)"));
  OC_CHECK(select.step());
  using enum storage::Database::LogAtClose;
  database_.set_log_at_close(select.integer(0) == 1 ? kept : removed);
  return {};
}

Result<void> ChangeStore::begin(std::int64_t id, Side to, Purpose purpose) {
  OC_CHECK(take_room(id));
  OC_TRY(auto update, database_.prepare("UPDATE change SET pending = ?2, trial = ?3 WHERE id = ?1"));
  update.bind(1, id).bind(2, number_of(to)).bind(3, purpose == Purpose::trial ? 1 : 0);
  OC_CHECK(update.run());
  return show_whether_unfinished();
}

Result<void> ChangeStore::turn(std::int64_t id, Side to) {
  OC_TRY(auto update, database_.prepare("UPDATE change SET pending = ?2 WHERE id = ?1"));
  update.bind(1, id).bind(2, number_of(to));
  return update.run();
}

Result<void> ChangeStore::settle(std::int64_t id, Side now) {
  OC_TRY(auto update, database_.prepare("UPDATE change SET now = ?2, pending = -1, trial = 0 WHERE id = ?1"));
  update.bind(1, id).bind(2, number_of(now));
  OC_CHECK(update.run());
  return show_whether_unfinished();
}

Result<void> ChangeStore::abandon(std::int64_t id) {
  OC_TRY(auto update, database_.prepare("UPDATE change SET now = 0, pending = -1, trial = 1 WHERE id = ?1"));
  OC_CHECK(update.bind(1, id).run());
  return show_whether_unfinished();
}

Result<void> ChangeStore::remove_drafts() {
  std::vector<std::int64_t> drafts;
  {
    OC_TRY(auto select, database_.prepare("SELECT id FROM change WHERE pending = -1 AND trial = 1"));
    while (true) {
      OC_TRY(const bool has_row, select.step());
      if (!has_row) break;
      drafts.push_back(select.integer(0));
    }
  }
  for (const std::int64_t id : drafts) OC_CHECK(remove(id));
  return {};
}

Result<void> ChangeStore::remove(std::int64_t id) {
  OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
  for (const char* sql : {"DELETE FROM file WHERE change = ?1", "DELETE FROM change WHERE id = ?1"}) {
    OC_TRY(auto remove, database_.prepare(sql));
    OC_CHECK(remove.bind(1, id).run());
  }
  return transaction.commit();
}

Result<void> ChangeStore::shrink(std::int64_t count, base::ByteCount bytes) {
  std::vector<std::int64_t> too_many;
  {
    OC_TRY(auto sizes, database_.prepare(
                           "SELECT id, pending, (SELECT total(length(old_bytes)) + total(length(new_bytes)) FROM file "
                           "WHERE change = id) FROM change ORDER BY id DESC"));
    std::int64_t seen = 0, total = 0;
    while (true) {
      OC_TRY(const bool has_row, sizes.step());
      if (!has_row) break;
      ++seen;
      total += sizes.integer(2);
      // The newest always stays: it is what "undo" means.
      if (seen > 1 && (seen > count || total > bytes.value) && sizes.integer(1) == k_nothing_pending)
        too_many.push_back(sizes.integer(0));
    }
  }
  for (const std::int64_t id : too_many) OC_CHECK(remove(id));
  return {};
}

Result<std::vector<StoredChange>> ChangeStore::read(std::string_view where, std::int64_t parameter) {
  std::vector<StoredChange> changes;
  OC_TRY(auto select,
         database_.prepare(fmt::format(
             "SELECT id, made_s, title, now, pending, trial FROM change WHERE {} ORDER BY id DESC", where)));
  select.bind(1, parameter);
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return changes;
    StoredChange change;
    change.id = select.integer(0);
    change.made_s = select.integer(1);
    change.title = select.bytes(2);
    change.now = side_of(select.integer(3));
    if (select.integer(4) != k_nothing_pending) change.pending = side_of(select.integer(4));
    change.purpose = select.integer(5) == 1 ? Purpose::trial : Purpose::lasting;
    changes.push_back(std::move(change));
  }
}

Result<void> ChangeStore::read_names(StoredChange& change) {
  OC_TRY(auto select, database_.prepare("SELECT shown FROM file WHERE change = ?1 ORDER BY position"));
  select.bind(1, change.id);
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return {};
    change.names.emplace_back(select.bytes(0));
  }
}

Result<void> ChangeStore::read_files(StoredChange& change) {
  OC_TRY(auto select, database_.prepare("SELECT path, shown, was_there, old_bytes, is_there, new_bytes, permissions, "
                                        "new_folders FROM file WHERE change = ?1 ORDER BY position"));
  select.bind(1, change.id);
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return {};
    StoredFile file;
    file.change.path = base::path_from_utf8(select.bytes(0));
    file.change.shown = select.bytes(1);
    file.change.before = optional_bytes(select, 2, 3);
    file.change.after = optional_bytes(select, 4, 5);
    file.permissions = static_cast<int>(select.integer(6));
    for (std::string_view rest = select.bytes(7); !rest.empty();) {
      const std::size_t end = std::min(rest.find('\0'), rest.size() - 1);
      file.new_folders.push_back(base::path_from_utf8(rest.substr(0, end)));
      rest.remove_prefix(end + 1);
    }
    change.names.push_back(file.change.shown);
    change.files.push_back(std::move(file));
  }
}

Result<std::vector<StoredChange>> ChangeStore::list() {
  OC_TRY(auto changes, read("trial = ?1", 0));
  for (StoredChange& change : changes) OC_CHECK(read_names(change));
  return changes;
}

Result<std::vector<StoredChange>> ChangeStore::find_pending() {
  OC_TRY(auto changes, read("pending <> ?1", k_nothing_pending));
  for (StoredChange& change : changes) OC_CHECK(read_files(change));
  return changes;
}

Result<std::optional<StoredChange>> ChangeStore::find(std::int64_t id) {
  OC_TRY(auto found, read("id = ?1 AND (trial = 0 OR pending <> -1)", id));
  if (found.empty()) return std::nullopt;
  OC_CHECK(read_files(found.front()));
  return std::optional(std::move(found.front()));
}

}  // namespace oc::edit
