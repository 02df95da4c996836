// SPDX-License-Identifier: Apache-2.0
#include "context/index_writer.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "context/import_paths.hpp"

namespace oc::context {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text.append(text.empty() ? "" : " ").append(name);
  return text;
}

std::uint64_t sum_of_signatures(const std::string& path, const FileAnalysis& analysis) {
  std::uint64_t sum = 0;
  for (const syntax::Symbol& symbol : analysis.symbols)
    sum += hash_name(path + '\0' + symbol.qualified_name + '\0' + symbol.signature);
  return sum;
}

}  // namespace

base::Result<IndexWriter> IndexWriter::make(storage::Database& database) {
  IndexWriter writer(database);
  OC_CHECK(writer.prepare());
  return writer;
}

base::Result<void> IndexWriter::prepare() {
  const std::pair<storage::Statement*, std::string_view> statements[] = {
      {&insert_file_,
       "INSERT INTO files(path,device,inode,size,modified_ns,changed_ns,racy,hash,state,language,lines,terms,document)"
       " VALUES(?,?,?,?,?,?,?,?,?,?,?,?,(SELECT 1+coalesce(max(rowid),0) FROM documents_docsize))"
       " ON CONFLICT(path) DO UPDATE SET device=excluded.device,inode=excluded.inode,size=excluded.size,"
       "modified_ns=excluded.modified_ns,changed_ns=excluded.changed_ns,racy=excluded.racy,hash=excluded.hash,"
       "state=excluded.state,language=excluded.language,lines=excluded.lines,terms=excluded.terms,"
       "document=excluded.document RETURNING id,document"},
      {&update_stamp_, "UPDATE files SET device=?,inode=?,size=?,modified_ns=?,changed_ns=?,racy=? WHERE id=?"},
      {&select_hash_, "SELECT hash FROM files WHERE id=?"},
      {&select_imports_, "SELECT target,form,names,line FROM imports WHERE file=? ORDER BY position"},
      {&delete_file_, "DELETE FROM files WHERE id=?"},
      {&find_file_, "SELECT id FROM files WHERE path=?"},
      {&insert_symbol_,
       "INSERT INTO symbols(file,position,kind,form,name,qualified_name,first_line,last_line,signature,doc,container,"
       "name_hash,quality,users) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
      {&delete_symbols_, "DELETE FROM symbols WHERE file=?"},
      {&select_symbols_, "SELECT name_hash,users FROM symbols WHERE file=?"},
      {&insert_names_, "INSERT OR REPLACE INTO file_names(file,packed) VALUES(?,?)"},
      {&delete_names_, "DELETE FROM file_names WHERE file=?"},
      {&insert_import_, "INSERT INTO imports(file,position,target,form,line,names) VALUES(?,?,?,?,?,?)"},
      {&insert_stem_, "INSERT OR IGNORE INTO import_stems(stem,file) VALUES(?,?)"},
      {&delete_stems_, "DELETE FROM import_stems WHERE file=?"},
      {&delete_imports_, "DELETE FROM imports WHERE file=?"},
      {&insert_document_, "INSERT INTO documents(rowid,path,symbols,body) VALUES(?,?,?,?)"},
      {&delete_edges_, "DELETE FROM edges WHERE file=?"},
      {&select_signatures_, "SELECT signatures FROM files WHERE id=?"},
      {&update_signatures_, "UPDATE files SET signatures=? WHERE id=?"},
      {&add_signatures_,
       "INSERT INTO numbers(name,value) VALUES('signatures',?) ON CONFLICT(name) DO UPDATE SET value=?"},
      {&insert_pending_, "INSERT OR IGNORE INTO pending(kind,hash) VALUES(?,?)"},
  };
  for (const auto& [statement, sql] : statements) {
    OC_TRY(*statement, database_->prepare(sql));
  }
  OC_TRY(auto full, database_->prepare("SELECT 1 FROM pending WHERE kind=0"));
  OC_TRY(full_link_, full.step());
  return {};
}

base::Result<void> IndexWriter::expect_full_link() {
  OC_CHECK(note(PendingKind::everything, 0));
  full_link_ = true;
  return {};
}

base::Result<void> IndexWriter::note(PendingKind kind, std::int64_t hash) {
  if (full_link_) return {};
  return insert_pending_.bind(1, static_cast<std::int64_t>(kind)).bind(2, hash).run();
}

base::Result<void> IndexWriter::note_stems(const std::string& path) {
  for (const std::string& stem : stems_of_file(path)) OC_CHECK(note(PendingKind::stem, to_column(hash_name(stem))));
  return {};
}

base::Result<std::vector<IndexWriter::OldSymbol>> IndexWriter::old_symbols(FileId id) {
  std::vector<OldSymbol> old;
  select_symbols_.bind(1, id);
  while (true) {
    OC_TRY(const bool has_row, select_symbols_.step());
    if (!has_row) return old;
    old.push_back({select_symbols_.integer(0), select_symbols_.integer(1)});
  }
}

base::Result<FileId> IndexWriter::put_row(const FoundFile& found, bool racy, const FileAnalysis& a) {
  const base::FileStamp& stamp = found.stamp;
  insert_file_.bind_blob(1, found.path)
      .bind(2, static_cast<std::int64_t>(stamp.device))
      .bind(3, static_cast<std::int64_t>(stamp.inode))
      .bind(4, stamp.size)
      .bind(5, stamp.modified_ns)
      .bind(6, stamp.changed_ns)
      .bind(7, std::int64_t{racy})
      .bind_text(8, a.hash)
      .bind(9, a.skipped ? state_of(*a.skipped) : k_state_indexed)
      .bind_text(10, a.language)
      .bind(11, a.lines)
      .bind(12, a.term_count);
  OC_TRY(const bool has_row, insert_file_.step());
  if (!has_row) return base::fail(base::ErrorKind::internal, "the index did not take a file");
  const FileId id = insert_file_.integer(0);
  const std::int64_t document = insert_file_.integer(1);
  insert_file_.reset();
  OC_CHECK(insert_document_.bind(1, document)
               .bind_text(2, a.path_terms)
               .bind_text(3, a.symbol_terms)
               .bind_text(4, a.body_terms)
               .run());
  return id;
}

base::Result<void> IndexWriter::put_symbols(FileId id, const FileAnalysis& analysis) {
  OC_TRY(const auto old, old_symbols(id));
  std::map<std::int64_t, std::int64_t> users;  // of names that stay, what the linker has counted stays true
  for (const OldSymbol& symbol : old) users[symbol.name] = symbol.users;
  if (!old.empty()) OC_CHECK(delete_symbols_.bind(1, id).run());
  std::set<std::int64_t> names;
  for (std::size_t i = 0; i < analysis.symbols.size(); ++i) {
    const syntax::Symbol& symbol = analysis.symbols[i];
    const std::int64_t name = to_column(hash_name(symbol.name));
    const auto known = users.find(name);
    OC_CHECK(insert_symbol_.bind(1, id)
                 .bind(2, static_cast<std::int64_t>(i))
                 .bind(3, static_cast<std::int64_t>(symbol.kind))
                 .bind(4, static_cast<std::int64_t>(symbol.form))
                 .bind_text(5, symbol.name)
                 .bind_text(6, symbol.qualified_name)
                 .bind(7, symbol.lines.first.value)
                 .bind(8, symbol.lines.last.value)
                 .bind_text(9, symbol.signature)
                 .bind_text(10, symbol.doc)
                 .bind(11, std::int64_t{symbol.container})
                 .bind(12, name)
                 .bind(13, std::int64_t{name_quality(symbol.name)})
                 .bind(14, known == users.end() ? 0 : known->second)
                 .run());
    names.insert(name);
  }
  for (const std::int64_t name : names)
    if (!users.contains(name)) OC_CHECK(note(PendingKind::name, name));
  for (const auto& [name, count] : users)
    if (!names.contains(name)) OC_CHECK(note(PendingKind::name, name));
  return {};
}

// SQLite's integers do not wrap round, ours do.
base::Result<void> IndexWriter::change_signatures(FileId id, std::uint64_t sum) {
  select_signatures_.bind(1, id);
  OC_TRY(const bool has_row, select_signatures_.step());
  const std::uint64_t old = has_row ? from_column(select_signatures_.integer(0)) : 0;
  select_signatures_.reset();
  if (old == sum) return {};
  OC_CHECK(update_signatures_.bind(1, to_column(sum)).bind(2, id).run());
  OC_TRY(auto select, database_->prepare("SELECT value FROM numbers WHERE name='signatures'"));
  OC_TRY(const bool has_total, select.step());
  const std::int64_t total = to_column((has_total ? from_column(select.integer(0)) : 0) - old + sum);
  select.reset();
  return add_signatures_.bind(1, total).bind(2, total).run();
}

base::Result<bool> IndexWriter::has_imports(FileId id, const FileAnalysis& analysis) {
  select_imports_.bind(1, id);
  std::size_t same = 0;
  while (true) {
    OC_TRY(const bool has_row, select_imports_.step());
    if (!has_row) return same == analysis.imports.size();
    const bool is_same = same < analysis.imports.size() && select_imports_.bytes(0) == analysis.imports[same].target &&
                         select_imports_.integer(1) == static_cast<std::int64_t>(analysis.imports[same].form) &&
                         select_imports_.bytes(2) == joined(analysis.imports[same].names) &&
                         select_imports_.integer(3) == analysis.imports[same].line.value;
    if (!is_same) break;
    ++same;
  }
  select_imports_.reset();
  return false;
}

// Imports that stay as they are keep where they lead to: the linker need not look for that again.
base::Result<void> IndexWriter::put_imports(FileId id, const FileAnalysis& analysis) {
  OC_TRY(const bool are_same, has_imports(id, analysis));
  if (are_same) return {};
  OC_CHECK(delete_imports_.bind(1, id).run());
  OC_CHECK(delete_stems_.bind(1, id).run());
  for (std::size_t i = 0; i < analysis.imports.size(); ++i) {
    const syntax::Import& import = analysis.imports[i];
    const std::string names = joined(import.names);
    OC_CHECK(insert_import_.bind(1, id)
                 .bind(2, static_cast<std::int64_t>(i))
                 .bind_text(3, import.target)
                 .bind(4, static_cast<std::int64_t>(import.form))
                 .bind(5, import.line.value)
                 .bind_text(6, names)
                 .run());
    for (const std::string& stem : stems_of_import(import))
      OC_CHECK(insert_stem_.bind(1, to_column(hash_name(stem))).bind(2, id).run());
  }
  return {};
}

base::Result<void> IndexWriter::put_file(const FoundFile& found, bool racy, const FileAnalysis& analysis) {
  find_file_.bind_blob(1, found.path);
  OC_TRY(const bool is_known, find_file_.step());
  if (is_known) find_file_.reset();
  OC_TRY(const FileId id, put_row(found, racy, analysis));
  OC_CHECK(put_symbols(id, analysis));
  OC_CHECK(change_signatures(id, sum_of_signatures(found.path, analysis)));
  OC_CHECK(put_imports(id, analysis));
  OC_CHECK(insert_names_.bind(1, id).bind_blob(2, analysis.references).run());
  OC_CHECK(note(PendingKind::file, id));
  return is_known ? base::Result<void>() : note_stems(found.path);
}

base::Result<bool> IndexWriter::has_hash(FileId id, const std::string& hash) {
  OC_TRY(const bool has_row, select_hash_.bind(1, id).step());
  const bool is_same = has_row && select_hash_.bytes(0) == hash;
  if (has_row) select_hash_.reset();
  return is_same;
}

// What it referred to has one user less.
base::Result<void> IndexWriter::take_back_users(FileId id) {
  OC_TRY(auto select, database_->prepare("SELECT packed FROM edges WHERE file=?"));
  OC_TRY(const bool has_edges, select.bind(1, id).step());
  if (!has_edges) return {};
  OC_TRY(auto update, database_->prepare("UPDATE symbols SET users=max(0,users-1) WHERE name_hash=? AND file=?"));
  for (const Edge& edge : unpack_edges(select.bytes(0)))
    if (edge.name != 0) OC_CHECK(update.bind(1, to_column(edge.name)).bind(2, edge.target).run());
  return {};
}

base::Result<void> IndexWriter::put_stamp(FileId id, const base::FileStamp& stamp, bool racy) {
  return update_stamp_.bind(1, static_cast<std::int64_t>(stamp.device))
      .bind(2, static_cast<std::int64_t>(stamp.inode))
      .bind(3, stamp.size)
      .bind(4, stamp.modified_ns)
      .bind(5, stamp.changed_ns)
      .bind(6, std::int64_t{racy})
      .bind(7, id)
      .run();
}

base::Result<void> IndexWriter::remove_file(FileId id, const std::string& path) {
  OC_CHECK(change_signatures(id, 0));
  OC_CHECK(take_back_users(id));
  OC_TRY(const auto old, old_symbols(id));
  for (const OldSymbol& symbol : old) OC_CHECK(note(PendingKind::name, symbol.name));
  OC_CHECK(note_stems(path));
  for (storage::Statement* statement :
       {&delete_file_, &delete_symbols_, &delete_names_, &delete_imports_, &delete_stems_, &delete_edges_})
    OC_CHECK(statement->bind(1, id).run());
  return {};
}

}  // namespace oc::context
