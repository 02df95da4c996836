// SPDX-License-Identifier: Apache-2.0
#include "context/index_query.hpp"

#include <algorithm>

#include "context/reference_list.hpp"

namespace oc::context {
namespace {

using storage::Statement;

constexpr std::string_view k_file_columns = "id,path,hash,state,language,lines,terms,modified_ns,document";
constexpr std::string_view k_symbol_columns =
    "file,position,kind,form,name,qualified_name,first_line,last_line,signature,doc,container,users";

FileRow file_of(const Statement& select) {
  FileRow row;
  row.id = select.integer(0);
  row.path = select.bytes(1);
  row.hash = select.bytes(2);
  row.state = select.integer(3);
  row.language = select.bytes(4);
  row.lines = select.integer(5);
  row.terms = select.integer(6);
  row.stamp.modified_ns = select.integer(7);
  row.document = select.integer(8);
  return row;
}

SymbolRow symbol_of(const Statement& select) {
  constexpr auto k_last_kind = static_cast<std::int64_t>(syntax::SymbolKind::table);
  SymbolRow row;
  row.file = select.integer(0);
  row.position = static_cast<int>(select.integer(1));
  row.kind = static_cast<syntax::SymbolKind>(std::clamp<std::int64_t>(select.integer(2), 0, k_last_kind));
  row.form = select.integer(3) == 1 ? syntax::SymbolForm::declaration : syntax::SymbolForm::definition;
  row.name = select.bytes(4);
  row.qualified_name = select.bytes(5);
  row.lines.first = base::LineNumber(std::max<std::int64_t>(1, select.integer(6)));
  row.lines.last = base::LineNumber(std::max(row.lines.first.value, select.integer(7)));
  row.signature = select.bytes(8);
  row.doc = select.bytes(9);
  row.container = static_cast<int>(select.integer(10));
  row.users = select.integer(11);
  return row;
}

std::string select_from(std::string_view columns, std::string_view rest) {
  return std::string("SELECT ").append(columns).append(" ").append(rest);
}

}  // namespace

base::Result<std::optional<FileRow>> IndexQuery::find_one_file(Statement& select) {
  OC_TRY(const bool has_row, select.step());
  if (!has_row) return std::nullopt;
  FileRow row = file_of(select);
  select.reset();
  return row;
}

base::Result<std::optional<FileRow>> IndexQuery::find_file(std::string_view path) {
  OC_TRY(by_path_, database_->prepare(select_from(k_file_columns, "FROM files WHERE path=?")));
  return find_one_file(by_path_.bind_blob(1, path));
}

base::Result<std::optional<FileRow>> IndexQuery::find_file(FileId id) {
  OC_TRY(by_id_, database_->prepare(select_from(k_file_columns, "FROM files WHERE id=?")));
  return find_one_file(by_id_.bind(1, id));
}

base::Result<std::vector<FileRow>> IndexQuery::find_files_ending(std::string_view ending, std::size_t most) {
  OC_TRY(auto files, load_files());
  std::vector<FileRow> found;
  for (FileRow& row : files) {
    const bool at_boundary = row.path.size() == ending.size() ||
                             (row.path.size() > ending.size() && row.path[row.path.size() - ending.size() - 1] == '/');
    if (at_boundary && row.path.ends_with(ending)) found.push_back(std::move(row));
  }
  std::ranges::sort(found, {}, &FileRow::path);
  if (found.size() > most) found.resize(most);
  return found;
}

base::Result<std::vector<FileRow>> IndexQuery::load_files() {
  std::vector<FileRow> rows;
  OC_TRY(Statement select, database_->prepare("SELECT id,path,'',0,language,lines,terms,modified_ns,document "
                                              "FROM files WHERE state=0"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return rows;
    rows.push_back(file_of(select));
  }
}

base::Result<std::vector<SymbolRow>> IndexQuery::load_symbols(FileId file) {
  OC_TRY(symbols_, database_->prepare(select_from(k_symbol_columns, "FROM symbols WHERE file=? ORDER BY position")));
  std::vector<SymbolRow> rows;
  symbols_.bind(1, file);
  while (true) {
    OC_TRY(const bool has_row, symbols_.step());
    if (!has_row) return rows;
    rows.push_back(symbol_of(symbols_));
    rows.back().position = static_cast<int>(rows.size()) - 1;  // whatever a damaged row says
  }
}

base::Result<std::vector<SymbolRow>> IndexQuery::find_symbols(std::string_view name, std::size_t most) {
  const std::string_view last = name.substr(name.find_last_of(".:#") + 1);
  OC_TRY(symbols_named_,
         database_->prepare(
             select_from(k_symbol_columns, "FROM symbols WHERE name_hash=? ORDER BY form,users DESC,file,position")));
  std::vector<SymbolRow> rows;
  symbols_named_.bind(1, to_column(hash_name(last)));
  while (rows.size() < most) {
    OC_TRY(const bool has_row, symbols_named_.step());
    if (!has_row) break;
    SymbolRow row = symbol_of(symbols_named_);
    if (row.name != last) continue;
    const bool is_qualified = last.size() == name.size() || row.qualified_name == name ||
                              (row.qualified_name.size() > name.size() && row.qualified_name.ends_with(name));
    if (is_qualified) rows.push_back(std::move(row));
  }
  symbols_named_.reset();
  return rows;
}

base::Result<std::vector<std::string>> IndexQuery::load_symbol_names() {
  std::vector<std::string> names;
  OC_TRY(Statement select, database_->prepare("SELECT DISTINCT name FROM symbols LIMIT 200000"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return names;
    names.emplace_back(select.bytes(0));
  }
}

base::Result<std::vector<Edge>> IndexQuery::load_edges(FileId file) {
  OC_TRY(edges_, database_->prepare("SELECT packed FROM edges WHERE file=?"));
  OC_TRY(const bool has_row, edges_.bind(1, file).step());
  return has_row ? unpack_edges(edges_.bytes(0)) : std::vector<Edge>();
}

base::Result<std::unordered_map<FileId, double>> IndexQuery::find_files_linking_to(const std::set<FileId>& targets) {
  std::unordered_map<FileId, double> sources;
  OC_TRY(Statement select, database_->prepare("SELECT file,packed FROM edges"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return sources;
    const double weight = weight_of_edges_to(targets, select.bytes(1));
    if (weight > 0) sources[select.integer(0)] = weight;
  }
}

base::Result<std::vector<UserFile>> IndexQuery::find_users(std::string_view name) {
  const NameHash hash = hash_name(name.substr(name.find_last_of(".:#") + 1));
  std::vector<UserFile> users;
  OC_TRY(Statement select, database_->prepare("SELECT file,packed FROM file_names"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) break;
    if (!refers_to(select.bytes(1), hash)) continue;
    const auto uses = unpack_references(select.bytes(1));
    const auto use = std::ranges::find(uses, hash, &NameUse::name);
    if (use != uses.end()) users.push_back({select.integer(0), "", use->count, use->lines});
  }
  // Ids depend on the order in which files came into the index; their paths do not.
  OC_TRY(Statement path, database_->prepare("SELECT path FROM files WHERE id=?"));
  for (UserFile& user : users) {
    OC_TRY(const bool has_row, path.bind(1, user.file).step());
    if (has_row) user.path = path.bytes(0);
    path.reset();
  }
  std::ranges::sort(users, [](const UserFile& a, const UserFile& b) {
    return a.count != b.count ? a.count > b.count : a.path < b.path;
  });
  return users;
}

base::Result<std::map<FileId, std::set<NameHash>>> IndexQuery::find_files_naming(const std::set<NameHash>& names) {
  std::map<FileId, std::set<NameHash>> files;
  OC_TRY(Statement select, database_->prepare("SELECT file,packed FROM file_names"));
  while (true) {
    OC_TRY(const bool has_row, select.step());
    if (!has_row) return files;
    std::set<NameHash> used;
    for (const NameHash name : names)
      if (refers_to(select.bytes(1), name)) used.insert(name);
    if (!used.empty()) files[select.integer(0)] = std::move(used);
  }
}

base::Result<std::set<NameHash>> IndexQuery::find_names_used(FileId file, base::LineRange lines) {
  std::set<NameHash> names;
  OC_TRY(Statement select, database_->prepare("SELECT packed FROM file_names WHERE file=?"));
  OC_TRY(const bool has_row, select.bind(1, file).step());
  if (!has_row) return names;
  for (const NameUse& use : unpack_references(select.bytes(0)))
    if (std::ranges::any_of(use.lines, [&](base::LineNumber l) { return lines.first <= l && l <= lines.last; }))
      names.insert(use.name);
  return names;
}

base::Result<std::int64_t> IndexQuery::signatures_fingerprint() {
  OC_TRY(Statement select, database_->prepare("SELECT value FROM numbers WHERE name='signatures'"));
  OC_TRY(const bool has_row, select.step());
  return has_row ? select.integer(0) : 0;
}

}  // namespace oc::context
