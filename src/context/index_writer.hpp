// SPDX-License-Identifier: Apache-2.0
// Changes to the index, one file at a time, inside a transaction of the caller. Notes what the linker has to look at
// again (pending), in the same transaction, so that a process that dies leaves nothing wrong behind.
#pragma once

#include <string>

#include "base/error.hpp"
#include "context/file_analysis.hpp"
#include "context/index_rows.hpp"
#include "storage/database.hpp"

namespace oc::context {

class IndexWriter {
 public:
  // The database must outlive the writer.
  static base::Result<IndexWriter> make(storage::Database& database);

  // Writes down that all files have to be linked again; until the linker is done, smaller notes are not made.
  base::Result<void> expect_full_link();

  // A file that is new or has new contents. `racy`: see FileRow.
  base::Result<void> put_file(const FoundFile& found, bool racy, const FileAnalysis& analysis);
  // Are these the contents that the index knows?
  base::Result<bool> has_hash(FileId id, const std::string& hash);
  // The contents are the same.
  base::Result<void> put_stamp(FileId id, const base::FileStamp& stamp, bool racy);
  base::Result<void> remove_file(FileId id, const std::string& path);

 private:
  explicit IndexWriter(storage::Database& database) : database_(&database) {}
  base::Result<void> prepare();
  base::Result<FileId> put_row(const FoundFile& found, bool racy, const FileAnalysis& analysis);
  base::Result<void> put_symbols(FileId id, const FileAnalysis& analysis);
  base::Result<void> put_imports(FileId id, const FileAnalysis& analysis);
  base::Result<bool> has_imports(FileId id, const FileAnalysis& analysis);
  base::Result<void> note(PendingKind kind, std::int64_t hash);

  base::Result<void> change_signatures(FileId id, std::uint64_t sum);
  base::Result<void> take_back_users(FileId id);
  base::Result<void> note_stems(const std::string& path);

  struct OldSymbol {
    std::int64_t name = 0;
    std::int64_t users = 0;
  };
  base::Result<std::vector<OldSymbol>> old_symbols(FileId id);

  storage::Database* database_;
  bool full_link_ = false;
  storage::Statement select_hash_, select_imports_, insert_file_, update_stamp_, delete_file_, find_file_;
  storage::Statement insert_symbol_, delete_symbols_, select_symbols_;
  storage::Statement insert_names_, delete_names_, insert_import_, delete_imports_, insert_stem_, delete_stems_,
      insert_document_;
  storage::Statement delete_edges_, insert_pending_, select_signatures_, update_signatures_, add_signatures_;
};

}  // namespace oc::context
