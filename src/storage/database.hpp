// SPDX-License-Identifier: Apache-2.0
// One SQLite file: opened for several processes at once (WAL), with a version of its schema. Knows no table.
// For one thread. Errors are kind `io` with SQLite's reason; damage is told apart by is_damage().
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"
#include "storage/statement.hpp"

struct sqlite3;

namespace oc::storage {

// The file is no database, or a damaged one, or its tables do not fit the statements: it can only be made anew.
bool is_damage(const base::Error& error);
// The file is one of these, sound, but its tables are of another version. It counts as damage, too: where its contents
// can be made again it is made anew, else whoever opens it has to look here first.
bool is_other_version(const base::Error& error);

struct Schema {
  int application_id = 0;  // whose file this is
  int version = 0;         // raised with every change of `sql`
  std::string_view sql;    // makes all tables
};

class Database {
 public:
  // Opens or creates the file; makes the tables where there are none. Kind `io`; is_damage() when the file is none of
  // ours, of another version or damaged. Waits up to 10 s for other processes.
  static base::Result<Database> open(const base::Path& file, const Schema& schema);
  // As open(), and if it finds damage the file is emptied first, whatever it holds: in place, because other processes
  // may have it open. They find damage then, too.
  static base::Result<Database> open_or_empty(const base::Path& file, const Schema& schema);
  // Empties this one as open_or_empty() does and makes the tables again.
  base::Result<void> make_anew(const Schema& schema);
  // A database that lives as long as this object.
  static base::Result<Database> open_in_memory(const Schema& schema);
  Database(Database&& other) noexcept;
  Database& operator=(Database&& other) noexcept;
  ~Database();

  base::Result<void> execute(const std::string& sql);
  base::Result<Statement> prepare(std::string_view sql);

  // Everything between is one change, seen by others whole or not at all. Undone when destroyed before commit().
  class Transaction {
   public:
    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();
    base::Result<void> commit();

   private:
    friend class Database;
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
  };
  // What becomes of SQLite's log beside the file when the last process closes it. kept: whoever looks at the folder
  // sees that something is unfinished.
  enum class LogAtClose { removed, kept };
  void set_log_at_close(LogAtClose log);

  enum class Access { read, write };
  // write: takes the file's one write lock at once, waiting for other processes. The database must not be moved while a
  // transaction is open.
  base::Result<Transaction> begin(Access access);

 private:
  explicit Database(sqlite3* handle) : handle_(handle) {}
  static base::Result<Database> open_handle(const base::Path& file);
  base::Result<void> prepare_file();
  base::Result<void> enter_wal();
  base::Result<void> ensure_schema(const Schema& schema);
  base::Result<std::int64_t> read_number(std::string_view sql);

  sqlite3* handle_ = nullptr;
};

}  // namespace oc::storage
