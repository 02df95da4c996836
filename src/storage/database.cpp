// SPDX-License-Identifier: Apache-2.0
#include "storage/database.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>
#include <utility>

#include "storage/sqlite_error.hpp"

namespace oc::storage {
namespace {

constexpr int k_wait_ms = 10'000;
constexpr std::string_view k_damage_hint = "the file is made anew from the project";
constexpr std::string_view k_version_hint = "it belongs to another version of offline-coder";

}  // namespace

std::unexpected<base::Error> sqlite_failure(sqlite3* database, int code) {
  const int primary = code & 0xff;
  const char* reason = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  if (code == SQLITE_READONLY_DBMOVED)
    return base::fail(base::ErrorKind::io, "it was deleted meanwhile", std::string(k_damage_hint));
  // Statements of the project fit its tables; where they do not, the tables are not what was made once.
  if (primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR || primary == SQLITE_CONSTRAINT)
    return base::fail(base::ErrorKind::io, reason, std::string(k_damage_hint));
  if (primary == SQLITE_FULL) return base::fail(base::ErrorKind::io, "the disk is full", "make room on the disk");
  return base::fail(base::ErrorKind::io, reason);
}

bool is_damage(const base::Error& error) { return error.hint == k_damage_hint || is_other_version(error); }

bool is_other_version(const base::Error& error) { return error.hint == k_version_hint; }

Database::Database(Database&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}

Database::~Database() { sqlite3_close_v2(handle_); }

base::Result<Database> Database::open_handle(const base::Path& file) {
  sqlite3* handle = nullptr;
  // SQLite wants UTF-8 on Windows and bytes elsewhere, which is what to_utf8 gives.
  const int code = sqlite3_open_v2(base::to_utf8(file).c_str(), &handle,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);  // also closes a handle that failed to open
  if (code != SQLITE_OK) return sqlite_failure(handle, code);
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, k_wait_ms);
  return database;
}

base::Result<Database> Database::open(const base::Path& file, const Schema& schema) {
  auto database = open_handle(file);
  auto opened = database ? database->prepare_file() : std::unexpected(database.error());
  if (opened) opened = database->ensure_schema(schema);
  if (opened) return database;
  opened.error().message = fmt::format("cannot use {}: {}", base::display(file), opened.error().message);
  return std::unexpected(opened.error());
}

base::Result<Database> Database::open_or_empty(const base::Path& file, const Schema& schema) {
  auto database = open(file, schema);
  if (database || !is_damage(database.error())) return database;
  OC_TRY(Database damaged, open_handle(file));
  OC_CHECK(damaged.make_anew(schema));
  return damaged;
}

base::Result<void> Database::make_anew(const Schema& schema) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_RESET_DATABASE, 1, nullptr);
  const auto emptied = execute("VACUUM");
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_RESET_DATABASE, 0, nullptr);
  OC_CHECK(emptied);
  OC_CHECK(prepare_file());
  return ensure_schema(schema);
}

base::Result<Database> Database::open_in_memory(const Schema& schema) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open(":memory:", &handle);
  Database database(handle);
  if (code != SQLITE_OK) return sqlite_failure(handle, code);
  OC_CHECK(database.ensure_schema(schema));
  return database;
}

// What is stored can be made again, so a commit need not wait for the disk: WAL keeps the file sound after a crash.
// A hostile file must not run anything through its schema (trusted_schema, DEFENSIVE).
base::Result<void> Database::prepare_file() {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  OC_CHECK(enter_wal());
  return execute(
      "PRAGMA trusted_schema=OFF; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY;"
      "PRAGMA cache_size=-32768; PRAGMA mmap_size=67108864;");
}

// Of several that make the file at once SQLite lets all but one fail here, without waiting: they might wait for each
// other.
base::Result<void> Database::enter_wal() {
  constexpr int pause_ms = 10;
  for (int waited_ms = 0;; waited_ms += pause_ms) {
    auto entered = execute("PRAGMA journal_mode=WAL");
    if (entered || (sqlite3_errcode(handle_) & 0xff) != SQLITE_BUSY || waited_ms >= k_wait_ms) return entered;
    std::this_thread::sleep_for(std::chrono::milliseconds(pause_ms));
  }
}

base::Result<std::int64_t> Database::read_number(std::string_view sql) {
  OC_TRY(Statement statement, prepare(sql));
  OC_TRY(const bool has_row, statement.step());
  return has_row ? statement.integer(0) : 0;
}

base::Result<void> Database::ensure_schema(const Schema& schema) {
  const auto is_current = [&]() -> base::Result<bool> {
    OC_TRY(const std::int64_t application, read_number("PRAGMA application_id"));
    OC_TRY(const std::int64_t version, read_number("PRAGMA user_version"));
    if (application == schema.application_id && version == schema.version) return true;
    OC_TRY(const std::int64_t tables, read_number("SELECT count(*) FROM sqlite_schema"));
    if (tables == 0 && version == 0) return false;
    return base::fail(base::ErrorKind::io, fmt::format("it has version {}, not {}", version, schema.version),
                      std::string(application == schema.application_id ? k_version_hint : k_damage_hint));
  };
  {
    // Several reads of one state: another process may be making it.
    OC_TRY(const Transaction snapshot, begin(Access::read));
    OC_TRY(const bool is_there, is_current());
    if (is_there) return {};
  }
  OC_TRY(Transaction transaction, begin(Access::write));
  OC_TRY(const bool made_meanwhile, is_current());
  if (made_meanwhile) return transaction.commit();
  OC_CHECK(execute(std::string(schema.sql)));
  OC_CHECK(
      execute(fmt::format("PRAGMA application_id={}; PRAGMA user_version={};", schema.application_id, schema.version)));
  return transaction.commit();
}

base::Result<void> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(handle_, code);
  return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement, nullptr);
  if (code != SQLITE_OK) return sqlite_failure(handle_, code);
  return Statement(statement);
}

void Database::set_log_at_close(LogAtClose log) {
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, log == LogAtClose::kept ? 1 : 0, nullptr);
}

base::Result<Database::Transaction> Database::begin(Access access) {
  OC_CHECK(execute(access == Access::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(*this);
}

Database::Transaction::Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}

Database::Transaction::~Transaction() {
  if (database_ != nullptr && sqlite3_get_autocommit(database_->handle_) == 0)
    static_cast<void>(database_->execute("ROLLBACK"));
}

base::Result<void> Database::Transaction::commit() {
  OC_CHECK(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace oc::storage
