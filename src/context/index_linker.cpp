// SPDX-License-Identifier: Apache-2.0
#include "context/index_linker.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "context/import_paths.hpp"
#include "context/index_rank.hpp"
#include "context/index_rows.hpp"
#include "context/name_table.hpp"
#include "context/reference_list.hpp"

namespace oc::context {
namespace {

using storage::Database;
using storage::Statement;

// With more files than this to link, one pass over all symbols is cheaper than asking for each name.
constexpr std::size_t k_many_files = 500;
// A name that more files declare tells nothing about which one is meant.
constexpr std::size_t k_most_homes = 4;
// How sure it is that the name means that file: it is imported; it lies in the same folder; it has a rare name.
constexpr float k_imported = 1.0F, k_beside = 0.7F, k_rare = 0.35F;
// From what declares a name to what defines it: a header to its source.
constexpr float k_defined_there = 0.3F;
constexpr float k_import_weight = 1.0F;

std::string_view folder_of(std::string_view path) { return path.substr(0, path.rfind('/') + 1); }

struct FileFacts {
  std::string path, language;
};

struct UserChange {
  NameHash name;
  std::uint32_t file;
  std::int32_t change;
  bool is_same_symbol(const UserChange& other) const { return name == other.name && file == other.file; }
};
constexpr std::size_t k_most_user_changes = 100'000;

class Linker {
 public:
  Linker(Database& database, base::CancelToken cancel) : database_(database), cancel_(std::move(cancel)) {}
  base::Result<void> link();

 private:
  base::Result<bool> load_pending();
  base::Result<void> load_files();
  base::Result<void> load_paths();
  base::Result<bool> is_file(FileId id);
  base::Result<void> choose_files();
  base::Result<void> add_files_with_pending_names();
  base::Result<bool> must_resolve(FileId file);
  base::Result<void> link_imports(FileId file);
  base::Result<void> link_names(FileId file, NameTable& names);
  base::Result<std::set<FileId>> visible_files(FileId file);
  base::Result<std::vector<FileId>> imported_by(FileId file);
  base::Result<std::vector<Edge>> edges_of(FileId file, NameTable& names);
  base::Result<void> add_name_edges(FileId file, NameTable& names, std::vector<Edge>& edges);
  base::Result<void> add_definition_edges(FileId file, NameTable& names, std::vector<Edge>& edges);
  void add_edges(const NameUse& use, FileId file, const std::vector<NameHome>& homes, const std::set<FileId>& visible,
                 std::vector<Edge>& edges) const;
  base::Result<void> store_edges(FileId file, const std::vector<Edge>& edges);
  base::Result<void> store_users();
  base::Result<void> prepare();
  base::Result<void> check_cancel() const {
    if (cancel_.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    return {};
  }

  Database& database_;
  base::CancelToken cancel_;
  bool everything_ = false;
  std::unordered_set<NameHash> pending_names_;
  std::set<FileId> todo_;
  std::unordered_set<FileId> to_resolve_;  // of todo_: a file came or went that an import may lead to
  bool edges_changed_ = false;
  std::unordered_map<FileId, FileFacts> files_;  // all, or those that were asked for; "": there is none
  bool has_all_files_ = false;
  std::optional<PathTable> paths_;
  std::unordered_map<FileId, std::vector<FileId>> imported_;  // by files that were looked at
  std::vector<UserChange> users_;                             // changes of symbols.users that are not stored yet
  Statement select_imports_, update_import_, select_names_, select_edges_, insert_edges_, delete_edges_;
  Statement select_declared_, update_users_, select_file_, select_unresolved_;
};

base::Result<void> Linker::prepare() {
  const std::pair<Statement*, std::string_view> statements[] = {
      {&select_imports_, "SELECT position,target,form,names,files FROM imports WHERE file=? ORDER BY position"},
      {&update_import_, "UPDATE imports SET files=? WHERE file=? AND position=?"},
      {&select_names_, "SELECT packed FROM file_names WHERE file=?"},
      {&select_edges_, "SELECT packed FROM edges WHERE file=?"},
      {&insert_edges_, "INSERT OR REPLACE INTO edges(file,packed) VALUES(?,?)"},
      {&delete_edges_, "DELETE FROM edges WHERE file=?"},
      {&update_users_, "UPDATE symbols SET users=max(0,users+?) WHERE name_hash=? AND file=?"},
      {&select_unresolved_, "SELECT 1 FROM imports WHERE file=? AND files IS NULL"},
      {&select_file_, "SELECT path,language FROM files WHERE id=? AND state=0"},
      {&select_declared_, "SELECT DISTINCT name_hash FROM symbols WHERE file=? AND form=1"},
  };
  for (const auto& [statement, sql] : statements) {
    OC_TRY(*statement, database_.prepare(sql));
  }
  return {};
}

// false: there is nothing to do.
base::Result<bool> Linker::load_pending() {
  OC_TRY(Statement select, database_.prepare("SELECT kind,hash FROM pending"));
  OC_TRY(Statement importers, database_.prepare("SELECT file FROM import_stems WHERE stem=?"));
  bool is_any = false;
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) break;
    is_any = true;
    const auto kind = static_cast<PendingKind>(select.integer(0));
    const std::int64_t hash = select.integer(1);
    if (kind == PendingKind::everything) everything_ = true;
    if (kind == PendingKind::file) todo_.insert(hash);
    if (kind == PendingKind::name) pending_names_.insert(from_column(hash));
    if (kind != PendingKind::stem) continue;
    importers.bind(1, hash);
    while (true) {
      OC_TRY(const bool has_importer, importers.step());
      if (!has_importer) break;
      todo_.insert(importers.integer(0));
      to_resolve_.insert(importers.integer(0));
    }
  }
  return is_any;
}

base::Result<void> Linker::load_files() {
  if (has_all_files_) return {};
  has_all_files_ = true;
  files_.clear();
  OC_TRY(Statement select, database_.prepare("SELECT id,path,language FROM files WHERE state=0"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return {};
    files_.emplace(select.integer(0), FileFacts{std::string(select.bytes(1)), std::string(select.bytes(2))});
  }
}

base::Result<void> Linker::load_paths() {
  if (paths_) return {};
  OC_CHECK(load_files());
  std::vector<PathTable::Entry> entries;
  for (const auto& [id, facts] : files_) entries.push_back({id, facts.path});
  paths_.emplace(std::move(entries));
  return {};
}

// Also sees to it that files_ has what there is.
base::Result<bool> Linker::is_file(FileId id) {
  auto known = files_.find(id);
  if (known == files_.end() && has_all_files_) return false;
  if (known == files_.end()) {
    OC_TRY(const bool has_row, select_file_.bind(1, id).step());
    FileFacts facts;
    if (has_row) {
      facts = {std::string(select_file_.bytes(0)), std::string(select_file_.bytes(1))};
      select_file_.reset();
    }
    known = files_.emplace(id, std::move(facts)).first;
  }
  return !known->second.path.empty();
}

base::Result<void> Linker::choose_files() {
  if (everything_) {
    OC_CHECK(load_files());
    todo_.clear();
    for (const auto& [id, facts] : files_) todo_.insert(id);
    return {};
  }
  OC_CHECK(add_files_with_pending_names());
  if (todo_.size() > k_many_files) OC_CHECK(load_files());
  for (auto it = todo_.begin(); it != todo_.end();) {
    OC_TRY(const bool is_there, is_file(*it));
    it = is_there ? std::next(it) : todo_.erase(it);
  }
  return {};
}

// Who refers to a name whose home changed refers to another file now.
base::Result<void> Linker::add_files_with_pending_names() {
  if (pending_names_.empty()) return {};
  const std::vector<NameHash> names(pending_names_.begin(), pending_names_.end());
  OC_TRY(Statement select, database_.prepare("SELECT file,packed FROM file_names"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return {};
    const FileId file = select.integer(0);
    if (todo_.contains(file)) continue;
    if (std::ranges::any_of(names, [&](NameHash name) { return refers_to(select.bytes(1), name); })) todo_.insert(file);
  }
}

// Has it imports that nobody has looked for, or that may lead elsewhere now?
base::Result<bool> Linker::must_resolve(FileId file) {
  if (everything_ || to_resolve_.contains(file)) return true;
  OC_TRY(const bool has_row, select_unresolved_.bind(1, file).step());
  if (has_row) select_unresolved_.reset();
  return has_row;
}

base::Result<void> Linker::link_imports(FileId file) {
  OC_TRY(const bool is_needed, must_resolve(file));
  if (!is_needed) return {};
  OC_CHECK(load_paths());
  const FileFacts& facts = files_.at(file);
  select_imports_.bind(1, file);
  std::vector<std::pair<int, std::vector<FileId>>> resolved;
  while (true) {
    OC_TRY(const bool has_row, select_imports_.step());
    if (!has_row) break;
    syntax::Import import;
    import.target = select_imports_.bytes(1);
    import.form = select_imports_.integer(2) == 1 ? syntax::ImportForm::relative : syntax::ImportForm::module;
    for (std::string_view names = select_imports_.bytes(3); !names.empty();) {
      const std::string_view name = names.substr(0, names.find(' '));
      import.names.emplace_back(name);
      names.remove_prefix(std::min(names.size(), name.size() + 1));
    }
    resolved.emplace_back(static_cast<int>(select_imports_.integer(0)),
                          resolve_import(import, facts.path, facts.language, *paths_));
  }
  std::vector<FileId>& all = imported_[file];
  all.clear();
  for (const auto& [position, ids] : resolved) {
    const std::string packed = pack_ids(ids);
    OC_CHECK(update_import_.bind_blob(1, packed).bind(2, file).bind(3, std::int64_t{position}).run());
    all.insert(all.end(), ids.begin(), ids.end());
  }
  return {};
}

base::Result<std::vector<FileId>> Linker::imported_by(FileId file) {
  if (const auto known = imported_.find(file); known != imported_.end()) return known->second;
  std::vector<FileId> all;
  select_imports_.bind(1, file);
  while (true) {
    OC_TRY(const bool has_row, select_imports_.step());
    if (!has_row) break;
    for (const FileId id : unpack_ids(select_imports_.bytes(4))) {
      OC_TRY(const bool is_there, is_file(id));
      if (is_there) all.push_back(id);
    }
  }
  imported_[file] = all;
  return all;
}

// Whose names a file can use without another word: what it imports and, where includes are texts, what those include.
base::Result<std::set<FileId>> Linker::visible_files(FileId file) {
  constexpr std::size_t k_most_visible = 2000;
  OC_TRY(const std::vector<FileId> direct, imported_by(file));
  std::set<FileId> visible(direct.begin(), direct.end());
  if (family_of(files_.at(file).language) != "c") return visible;
  std::vector<FileId> ring = direct;
  for (int depth = 0; depth < 2; ++depth) {
    std::vector<FileId> next;
    for (const FileId included : ring) {
      OC_TRY(const std::vector<FileId> more, imported_by(included));
      for (const FileId id : more)
        if (visible.size() < k_most_visible && visible.insert(id).second) next.push_back(id);
    }
    ring = std::move(next);
  }
  return visible;
}

void Linker::add_edges(const NameUse& use, FileId file, const std::vector<NameHome>& homes,
                       const std::set<FileId>& visible, std::vector<Edge>& edges) const {
  const FileFacts& own = files_.at(file);
  std::vector<const NameHome*> imported, beside, anywhere;
  for (const NameHome& home : homes) {
    if (home.file == file) return;  // its own
    const auto other = files_.find(home.file);
    if (other == files_.end() || other->second.path.empty() ||
        family_of(other->second.language) != family_of(own.language))
      continue;
    if (visible.contains(home.file)) imported.push_back(&home);
    if (home.is_member) continue;
    if (folder_of(other->second.path) == folder_of(own.path)) beside.push_back(&home);
    anywhere.push_back(&home);
  }
  const auto& chosen = !imported.empty() ? imported : !beside.empty() ? beside : anywhere;
  if (chosen.empty() || (&chosen != &imported && chosen.size() > k_most_homes)) return;
  const float certainty = &chosen == &imported ? k_imported : &chosen == &beside ? k_beside : k_rare;
  for (const NameHome* home : chosen) {
    const float weight = certainty * std::sqrt(static_cast<float>(use.count)) * static_cast<float>(home->quality) /
                         (10.0F * static_cast<float>(chosen.size()));
    edges.push_back({home->file, use.name, weight});
  }
}

base::Result<void> Linker::add_name_edges(FileId file, NameTable& names, std::vector<Edge>& edges) {
  select_names_.bind(1, file);
  OC_TRY(const bool has_names, select_names_.step());
  if (!has_names) return {};
  const std::vector<NameUse> uses = unpack_references(select_names_.bytes(0));
  select_names_.reset();
  OC_TRY(const std::set<FileId> visible, visible_files(file));
  for (const NameUse& use : uses) {
    OC_TRY(const auto* homes, names.find(use.name));
    if (homes == nullptr) continue;
    for (const NameHome& home : *homes) OC_CHECK(is_file(home.file));
    add_edges(use, file, *homes, visible, edges);
  }
  return {};
}

base::Result<void> Linker::add_definition_edges(FileId file, NameTable& names, std::vector<Edge>& edges) {
  std::vector<NameHash> declared;
  select_declared_.bind(1, file);
  while (true) {
    OC_TRY(const bool has_row, select_declared_.step());
    if (!has_row) break;
    declared.push_back(from_column(select_declared_.integer(0)));
  }
  const std::string_view family = family_of(files_.at(file).language);
  for (const NameHash name : declared) {
    OC_TRY(const auto* homes, names.find(name));
    if (homes == nullptr) continue;
    std::vector<const NameHome*> definers;
    for (const NameHome& home : *homes) {
      if (home.file == file || !home.defines) continue;
      OC_TRY(const bool is_there, is_file(home.file));
      if (is_there && family_of(files_.at(home.file).language) == family) definers.push_back(&home);
    }
    if (definers.size() > k_most_homes) continue;
    for (const NameHome* home : definers)
      edges.push_back(
          {home->file, name,
           k_defined_there * static_cast<float>(home->quality) / (10.0F * static_cast<float>(definers.size()))});
  }
  return {};
}

base::Result<std::vector<Edge>> Linker::edges_of(FileId file, NameTable& names) {
  std::vector<Edge> edges;
  OC_TRY(const std::vector<FileId> imports, imported_by(file));
  const std::set<FileId> distinct(imports.begin(), imports.end());
  for (const FileId target : distinct) edges.push_back({target, 0, k_import_weight});
  OC_CHECK(add_name_edges(file, names, edges));
  OC_CHECK(add_definition_edges(file, names, edges));
  return edges;
}

base::Result<void> Linker::store_edges(FileId file, const std::vector<Edge>& edges) {
  const std::string packed = pack_edges(edges);
  if (!everything_) {
    select_edges_.bind(1, file);
    OC_TRY(const bool has_old, select_edges_.step());
    if (has_old) {
      if (select_edges_.bytes(0) == packed) {
        select_edges_.reset();
        return {};
      }
      for (const Edge& edge : unpack_edges(select_edges_.bytes(0)))
        if (edge.name != 0) users_.push_back({edge.name, static_cast<std::uint32_t>(edge.target), -1});
      select_edges_.reset();
    }
  }
  edges_changed_ = true;
  for (const Edge& edge : edges)
    if (edge.name != 0) users_.push_back({edge.name, static_cast<std::uint32_t>(edge.target), 1});
  return insert_edges_.bind(1, file).bind_blob(2, packed).run();
}

base::Result<void> Linker::store_users() {
  std::ranges::sort(users_, {}, [](const UserChange& c) { return std::pair(c.name, c.file); });
  for (auto it = users_.begin(); it != users_.end();) {
    std::int64_t change = 0;
    const UserChange& symbol = *it;
    for (; it != users_.end() && it->is_same_symbol(symbol); ++it) change += it->change;
    if (change == 0) continue;
    OC_CHECK(update_users_.bind(1, change).bind(2, to_column(symbol.name)).bind(3, std::int64_t{symbol.file}).run());
  }
  users_.clear();
  return {};
}

base::Result<void> Linker::link() {
  OC_TRY(auto transaction, database_.begin(Database::Access::write));
  OC_TRY(const bool is_any, load_pending());
  if (!is_any) return {};
  OC_CHECK(prepare());
  OC_CHECK(choose_files());
  OC_TRY(NameTable names, todo_.size() > k_many_files ? NameTable::load(database_) : NameTable::on_demand(database_));
  if (everything_) OC_CHECK(database_.execute("UPDATE symbols SET users=0 WHERE users<>0"));
  for (const FileId file : todo_) {
    OC_CHECK(check_cancel());
    OC_CHECK(link_imports(file));
  }
  for (const FileId file : todo_) {
    OC_CHECK(check_cancel());
    OC_TRY(const std::vector<Edge> edges, edges_of(file, names));
    OC_CHECK(store_edges(file, edges));
    if (users_.size() > k_most_user_changes) OC_CHECK(store_users());
  }
  OC_CHECK(store_users());
  if (edges_changed_) OC_CHECK(note_edges_changed(database_));
  OC_CHECK(database_.execute("DELETE FROM pending"));
  return transaction.commit();
}

}  // namespace

base::Result<void> link_files(storage::Database& database, const base::CancelToken& cancel) {
  return Linker(database, cancel).link();
}

}  // namespace oc::context
