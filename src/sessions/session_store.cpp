// SPDX-License-Identifier: Apache-2.0
#include "sessions/session_store.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "storage/damaged_file.hpp"

namespace oc::sessions {
namespace {

using base::Result;

constexpr storage::Schema k_schema{0x6f637373, 1, R"sql(
CREATE TABLE session (
  id INTEGER PRIMARY KEY AUTOINCREMENT,  -- a number is never used twice
  workspace TEXT NOT NULL,
  title TEXT NOT NULL,
  map TEXT NOT NULL,
  made_s INTEGER NOT NULL,
  used_s INTEGER NOT NULL,
  first_sent INTEGER NOT NULL
);
CREATE TABLE turn (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session INTEGER NOT NULL REFERENCES session(id),
  asked_s INTEGER NOT NULL,
  question TEXT NOT NULL,
  answer TEXT NOT NULL,
  state INTEGER NOT NULL,
  model TEXT NOT NULL
);
CREATE INDEX turn_of_session ON turn(session);
CREATE TABLE piece (
  turn INTEGER NOT NULL REFERENCES turn(id),
  position INTEGER NOT NULL,
  path TEXT NOT NULL,
  first_line INTEGER NOT NULL,
  last_line INTEGER NOT NULL,
  reason TEXT NOT NULL,
  text TEXT NOT NULL,
  is_outline INTEGER NOT NULL,  -- PieceForm
  is_sent INTEGER NOT NULL,
  PRIMARY KEY (turn, position)
) WITHOUT ROWID;
CREATE VIRTUAL TABLE words USING fts5(question, answer);
)sql"};

// Looking through all of a larger file would be felt at every start.
constexpr std::uintmax_t k_most_checked_bytes = 16'000'000;

base::Path file_in(const base::Path& data_folder) { return data_folder / "state.db"; }
base::Path locks_in(const base::Path& data_folder) { return data_folder / "session-locks"; }

std::int64_t now_s() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

TurnState state_of(std::int64_t number) {
  return number >= 0 && number <= 4 ? static_cast<TurnState>(number) : TurnState::failed;
}

PieceForm form_of(std::int64_t number) {
  return number >= 0 && number <= 2 ? static_cast<PieceForm>(number) : PieceForm::text;
}

Result<void> check_contents(storage::Database& database, const base::Path& file) {
  std::error_code code;
  if (const auto size = std::filesystem::file_size(file, code); code || size > k_most_checked_bytes) return {};
  OC_TRY(auto check, database.prepare("PRAGMA quick_check(1)"));
  OC_TRY(const bool has_row, check.step());
  const std::string found = has_row ? std::string(check.bytes(0)) : "nothing";
  if (found == "ok") return {};
  return base::fail(base::ErrorKind::io, found);
}

constexpr const char* k_writable_hint =
    "make the file and its folder writable, or use 'chat --no-save', which keeps nothing";

// nullopt, with the reason: damaged.
Result<std::optional<storage::Database>> open_sound(const base::Path& file, std::string& damage) {
  auto database = storage::Database::open(file, k_schema);
  if (!database && storage::is_other_version(database.error()))
    return base::fail(base::ErrorKind::conflict, database.error().message,
                      "use the newest offline-coder here, or 'chat --no-save', which keeps nothing");
  if (!database && !storage::is_damage(database.error())) {
    database.error().hint = k_writable_hint;
    return std::unexpected(database.error());
  }
  const auto checked = database ? check_contents(*database, file) : std::unexpected(database.error());
  if (!checked) {
    damage = checked.error().message;
    return std::nullopt;
  }
  return std::optional(std::move(*database));
}

// What SQLite says of a write names neither the file nor what to do about it.
template <typename Write>
auto written_to(const base::Path& data_folder, Write write) {
  auto done = write();
  if (!done && !data_folder.empty()) {
    base::Error& error = done.error();
    error.message = fmt::format("cannot keep it in {}: {}", base::display(file_in(data_folder)), error.message);
    if (error.hint.empty()) error.hint = k_writable_hint;
  }
  return done;
}

Session session_of(const storage::Statement& row) {
  Session session;
  session.id = row.integer(0);
  session.workspace = base::path_from_utf8(row.bytes(1));
  session.title = row.bytes(2);
  session.map = row.bytes(3);
  session.made_s = row.integer(4);
  session.used_s = row.integer(5);
  session.first_sent = row.integer(6);
  session.turns = row.integer(7);
  return session;
}

constexpr std::string_view k_session_columns =
    "SELECT id, workspace, title, map, made_s, used_s, first_sent, "
    "(SELECT count(*) FROM turn WHERE session = session.id) FROM session";

Result<std::int64_t> last_id(storage::Database& database) {
  OC_TRY(auto last, database.prepare("SELECT last_insert_rowid()"));
  OC_CHECK(last.step());
  return last.integer(0);
}

}  // namespace

const char* to_string(TurnState state) {
  switch (state) {
    case TurnState::open: return "open";
    case TurnState::done: return "done";
    case TurnState::stopped: return "stopped";
    case TurnState::cut: return "cut";
    case TurnState::failed: return "failed";
  }
  return "";
}

Result<SessionStore> SessionStore::open(const base::Path& data_folder) {
  const base::Path file = file_in(data_folder);
  OC_CHECK(base::make_folder(data_folder));
  OC_CHECK(base::make_folder(locks_in(data_folder), base::FileAccess::owner_only));
  // SQLite would let everyone read it; an empty file is a database without tables. Somebody else may have been first.
  OC_TRY(const auto there, base::find_file_facts(file));
  if (!there) {
    const auto made = base::create_file(file, "", base::FileAccess::owner_only);
    if (!made && made.error().kind != base::ErrorKind::conflict) return std::unexpected(made.error());
  }
  std::string damage;
  OC_TRY(auto database, open_sound(file, damage));
  std::vector<std::string> notes;
  if (!database) {
    // Of two that find the damage, the second one must not put the first one's new file aside.
    OC_TRY(const auto repair, base::FileLock::try_acquire(locks_in(data_folder) / "repair"));
    if (!repair)
      return base::fail(base::ErrorKind::conflict, "another program is putting the damaged file of sessions aside",
                        "try again");
    const base::Path aside = storage::put_aside(file);
    notes.push_back(fmt::format("the file of sessions is damaged ({}); it was put aside as {}, and a new one begun",
                                damage, base::display(aside)));
    OC_CHECK(base::create_file(file, "", base::FileAccess::owner_only));
    OC_TRY(database, open_sound(file, damage));
    if (!database)
      return base::fail(base::ErrorKind::io, fmt::format("cannot use {}: {}", base::display(file), damage));
  }
  SessionStore store(std::move(*database), data_folder);
  store.notes_ = std::move(notes);
  OC_CHECK(store.database_.execute("PRAGMA synchronous=FULL; PRAGMA secure_delete=ON"));
  return store;
}

Result<std::optional<SessionStore>> SessionStore::open_existing(const base::Path& data_folder) {
  OC_TRY(const auto there, base::find_file_facts(file_in(data_folder)));
  if (!there) return std::nullopt;
  OC_TRY(auto store, open(data_folder));
  return std::optional(std::move(store));
}

Result<SessionStore> SessionStore::open_in_memory() {
  OC_TRY(auto database, storage::Database::open_in_memory(k_schema));
  return SessionStore(std::move(database), {});
}

base::ByteCount SessionStore::size(const base::Path& data_folder) {
  std::int64_t bytes = 0;
  for (const char* part : {"", "-wal", "-shm"}) {
    base::Path file = file_in(data_folder);
    file += part;
    std::error_code code;
    const auto size = std::filesystem::file_size(file, code);
    if (!code) bytes += static_cast<std::int64_t>(size);
  }
  return base::ByteCount(bytes);
}

Result<void> SessionStore::remove_all(const base::Path& data_folder) {
  std::vector<base::FileLock> locks;
  std::error_code code;
  for (const auto& entry : std::filesystem::directory_iterator(locks_in(data_folder), code)) {
    OC_TRY(auto lock, base::FileLock::try_acquire(entry.path()));
    if (!lock)
      return base::fail(base::ErrorKind::conflict,
                        fmt::format("session {} is in use by another program", base::display(entry.path().filename())),
                        "end that conversation first");
    locks.push_back(std::move(*lock));
  }
  for (const char* part : {"-wal", "-shm", ""}) {
    base::Path file = file_in(data_folder);
    file += part;
    OC_CHECK(base::remove_file(file));
  }
  for (const auto& entry : std::filesystem::directory_iterator(locks_in(data_folder), code))
    OC_CHECK(base::remove_file(entry.path()));
  return {};
}

Result<std::optional<base::FileLock>> SessionStore::try_lock(std::int64_t session) const {
  if (folder_.empty()) return std::nullopt;
  return base::FileLock::try_acquire(locks_in(folder_) / std::to_string(session));
}

Result<std::int64_t> SessionStore::begin(const base::Path& workspace, std::string_view title) {
  return written_to(folder_, [&]() -> Result<std::int64_t> {
    OC_TRY(auto insert, database_.prepare("INSERT INTO session (workspace, title, map, made_s, used_s, first_sent) "
                                          "VALUES (?1, ?2, '', ?3, ?3, 0)"));
    const std::string folder = base::to_utf8(workspace);
    OC_CHECK(insert.bind_text(1, folder).bind_text(2, title).bind(3, now_s()).run());
    return last_id(database_);
  });
}

Result<std::vector<Session>> SessionStore::list(const std::optional<base::Path>& workspace) {
  const std::string order = " ORDER BY used_s DESC, id DESC";
  OC_TRY(auto select,
         database_.prepare(std::string(k_session_columns) + (workspace ? " WHERE workspace = ?1" : "") + order));
  const std::string folder = workspace ? base::to_utf8(*workspace) : "";
  if (workspace) select.bind_text(1, folder);
  std::vector<Session> sessions;
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return sessions;
    sessions.push_back(session_of(select));
  }
}

Result<std::optional<Session>> SessionStore::find(std::int64_t session) {
  OC_TRY(auto select, database_.prepare(std::string(k_session_columns) + " WHERE id = ?1"));
  OC_TRY(const bool has_row, select.bind(1, session).step());
  if (!has_row) return std::nullopt;
  return session_of(select);
}

Result<std::vector<Turn>> SessionStore::turns(std::int64_t session) {
  std::vector<Turn> turns;
  {
    OC_TRY(auto select, database_.prepare("SELECT id, asked_s, question, answer, state, model FROM turn "
                                          "WHERE session = ?1 ORDER BY id"));
    select.bind(1, session);
    while (true) {
      OC_TRY(const bool has_row, select.step());
      if (!has_row) break;
      turns.push_back({select.integer(0),
                       select.integer(1),
                       std::string(select.bytes(2)),
                       std::string(select.bytes(3)),
                       state_of(select.integer(4)),
                       std::string(select.bytes(5)),
                       {}});
    }
  }
  OC_TRY(auto select, database_.prepare("SELECT path, first_line, last_line, reason, text, is_outline, is_sent "
                                        "FROM piece WHERE turn = ?1 ORDER BY position"));
  for (Turn& turn : turns) {
    select.bind(1, turn.id);
    while (true) {
      OC_TRY(const bool has_row, select.step());
      if (!has_row) break;
      turn.pieces.push_back({std::string(select.bytes(0)), select.integer(1), select.integer(2),
                             std::string(select.bytes(3)), std::string(select.bytes(4)), form_of(select.integer(5)),
                             select.integer(6) == 1});
    }
  }
  return turns;
}

Result<void> SessionStore::remove(std::int64_t session) {
  OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
  for (const char* sql : {"DELETE FROM words WHERE rowid IN (SELECT id FROM turn WHERE session = ?1)",
                          "DELETE FROM piece WHERE turn IN (SELECT id FROM turn WHERE session = ?1)",
                          "DELETE FROM turn WHERE session = ?1", "DELETE FROM session WHERE id = ?1"}) {
    OC_TRY(auto remove, database_.prepare(sql));
    OC_CHECK(remove.bind(1, session).run());
  }
  OC_CHECK(transaction.commit());
  // The number is never used again, so nobody waits for this file.
  return folder_.empty() ? Result<void>{} : base::remove_file(locks_in(folder_) / std::to_string(session));
}

Result<std::int64_t> SessionStore::add_turn(std::int64_t session, std::string_view question) {
  return written_to(folder_, [&]() -> Result<std::int64_t> {
    OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
    OC_TRY(auto insert, database_.prepare("INSERT INTO turn (session, asked_s, question, answer, state, model) "
                                          "VALUES (?1, ?2, ?3, '', 0, '')"));
    OC_CHECK(insert.bind(1, session).bind(2, now_s()).bind_text(3, question).run());
    OC_TRY(const std::int64_t turn, last_id(database_));
    OC_TRY(auto words, database_.prepare("INSERT INTO words (rowid, question, answer) VALUES (?1, ?2, '')"));
    OC_CHECK(words.bind(1, turn).bind_text(2, question).run());
    OC_TRY(auto update, database_.prepare("UPDATE session SET used_s = ?2 WHERE id = ?1"));
    OC_CHECK(update.bind(1, session).bind(2, now_s()).run());
    OC_CHECK(transaction.commit());
    return turn;
  });
}

Result<void> SessionStore::set_pieces(std::int64_t turn, const std::vector<TurnPiece>& pieces) {
  OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
  OC_TRY(auto remove, database_.prepare("DELETE FROM piece WHERE turn = ?1"));
  OC_CHECK(remove.bind(1, turn).run());
  OC_TRY(auto insert, database_.prepare("INSERT INTO piece VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
  std::int64_t position = 0;
  for (const TurnPiece& piece : pieces) {
    insert.bind(1, turn).bind(2, position++).bind_text(3, piece.path).bind(4, piece.first_line);
    insert.bind(5, piece.last_line).bind_text(6, piece.reason).bind_text(7, piece.text);
    OC_CHECK(insert.bind(8, static_cast<std::int64_t>(piece.form)).bind(9, piece.is_sent ? 1 : 0).run());
  }
  return transaction.commit();
}

Result<void> SessionStore::set_answer(std::int64_t turn, std::string_view answer, TurnState state,
                                      std::string_view model) {
  return written_to(folder_, [&]() -> Result<void> {
    OC_TRY(auto transaction, database_.begin(storage::Database::Access::write));
    OC_TRY(auto update, database_.prepare("UPDATE turn SET answer = ?2, state = ?3, model = ?4 WHERE id = ?1"));
    const auto number = static_cast<std::int64_t>(state);
    OC_CHECK(update.bind(1, turn).bind_text(2, answer).bind(3, number).bind_text(4, model).run());
    if (state != TurnState::open) {
      OC_TRY(auto words, database_.prepare("UPDATE words SET answer = ?2 WHERE rowid = ?1"));
      OC_CHECK(words.bind(1, turn).bind_text(2, answer).run());
    }
    return transaction.commit();
  });
}

Result<void> SessionStore::set_map(std::int64_t session, std::string_view map) {
  OC_TRY(auto update, database_.prepare("UPDATE session SET map = ?2 WHERE id = ?1"));
  return update.bind(1, session).bind_text(2, map).run();
}

Result<void> SessionStore::set_first_sent(std::int64_t session, std::int64_t turn) {
  OC_TRY(auto update, database_.prepare("UPDATE session SET first_sent = ?2 WHERE id = ?1"));
  return update.bind(1, session).bind(2, turn).run();
}

Result<void> SessionStore::drop_path(std::int64_t session, std::string_view path) {
  OC_TRY(auto update, database_.prepare("UPDATE piece SET is_sent = 0 WHERE path = ?2 AND turn IN "
                                        "(SELECT id FROM turn WHERE session = ?1)"));
  return update.bind(1, session).bind_text(2, path).run();
}

}  // namespace oc::sessions
