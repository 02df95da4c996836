// SPDX-License-Identifier: Apache-2.0
#include "context/index_schema.hpp"

namespace oc::context {
namespace {

constexpr int k_application_id = 0x6f636478;  // "ocdx"
constexpr int k_version = 2;

// files          one row a file that was looked at; `document` is its row in `documents`,
//                `signatures` the sum of the hashes of its symbols' signatures
// symbols        position: order in the file; container: position of the symbol round it, -1 for none;
//                users: files that refer to it, as far as the linker could tell; quality: how telling the name is
// file_names     the names a file refers to, packed (reference_list.hpp)
// imports        files: packed ids of the files it leads to
// import_stems   hashes of the stems of the files that a file's imports may lead to, should they come
// edges          what the linker made of both: packed (link_records.hpp)
// documents      search terms; rows of files that changed stay behind until there are too many
// pending        work of the linker that must not get lost
// numbers        signatures: sum of files.signatures (wraps round); made: another number for each making of the tables
// vectors        rank: packed (file, rank)
constexpr std::string_view k_sql = R"sql(
CREATE TABLE files(
  id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, device INTEGER, inode INTEGER, size INTEGER, modified_ns INTEGER,
  changed_ns INTEGER, racy INTEGER, hash TEXT, state INTEGER, language TEXT, lines INTEGER, terms INTEGER,
  document INTEGER, signatures INTEGER NOT NULL DEFAULT 0);
CREATE TABLE symbols(
  id INTEGER PRIMARY KEY, file INTEGER NOT NULL, position INTEGER, kind INTEGER, form INTEGER, name TEXT,
  qualified_name TEXT, first_line INTEGER, last_line INTEGER, signature TEXT, doc TEXT, container INTEGER,
  name_hash INTEGER, quality INTEGER, users INTEGER NOT NULL DEFAULT 0);
CREATE INDEX symbols_by_file ON symbols(file);
CREATE INDEX symbols_by_name ON symbols(name_hash);
CREATE TABLE file_names(file INTEGER PRIMARY KEY, packed BLOB);
CREATE TABLE imports(
  file INTEGER NOT NULL, position INTEGER, target TEXT, form INTEGER, line INTEGER, names TEXT, files BLOB,
  PRIMARY KEY(file, position)) WITHOUT ROWID;
CREATE TABLE import_stems(stem INTEGER, file INTEGER, PRIMARY KEY(stem, file)) WITHOUT ROWID;
CREATE INDEX import_stems_by_file ON import_stems(file);
CREATE TABLE edges(file INTEGER PRIMARY KEY, packed BLOB);
CREATE VIRTUAL TABLE documents USING fts5(path, symbols, body, content='', tokenize='ascii');
CREATE VIRTUAL TABLE document_terms USING fts5vocab(documents, 'instance');
CREATE TABLE pending(kind INTEGER, hash INTEGER, PRIMARY KEY(kind, hash)) WITHOUT ROWID;
CREATE TABLE numbers(name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID;
INSERT INTO numbers VALUES('made', random());
CREATE TABLE vectors(name TEXT PRIMARY KEY, packed BLOB) WITHOUT ROWID;
CREATE TABLE texts(name TEXT PRIMARY KEY, fingerprint TEXT, text TEXT) WITHOUT ROWID;
CREATE TABLE token_counts(tokenizer TEXT, hash INTEGER, tokens INTEGER, PRIMARY KEY(tokenizer, hash)) WITHOUT ROWID;
CREATE TABLE summaries(hash TEXT, author TEXT, text TEXT, PRIMARY KEY(hash, author)) WITHOUT ROWID;
)sql";

}  // namespace

storage::Schema index_schema() { return {k_application_id, k_version, k_sql}; }

}  // namespace oc::context
