// SPDX-License-Identifier: Apache-2.0
// Questions to the index. Every answer may be out of date by what happened since the last refresh, and a damaged file
// may say anything: paths and lines are checked against the disk before they are used.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "context/index_rows.hpp"
#include "storage/database.hpp"

namespace oc::context {

// Where a name is used.
struct UserFile {
  FileId file = 0;
  std::string path;
  std::int64_t count = 0;
  std::vector<base::LineNumber> lines;  // the first few
};

class IndexQuery {
 public:
  // The database must outlive the query.
  explicit IndexQuery(storage::Database& database) : database_(&database) {}

  base::Result<std::optional<FileRow>> find_file(std::string_view path);
  base::Result<std::optional<FileRow>> find_file(FileId id);
  // Files whose path ends so at a '/'; by path, at most `most`.
  base::Result<std::vector<FileRow>> find_files_ending(std::string_view ending, std::size_t most);
  // All of them: id and path, language, lines, modified_ns and terms are set.
  base::Result<std::vector<FileRow>> load_files();

  // By position.
  base::Result<std::vector<SymbolRow>> load_symbols(FileId file);
  // Of that very name or qualified name; what most files use first, at most `most`.
  base::Result<std::vector<SymbolRow>> find_symbols(std::string_view name, std::size_t most);

  // All names that symbols have, each once; at most 200 000.
  base::Result<std::vector<std::string>> load_symbol_names();

  base::Result<std::vector<Edge>> load_edges(FileId file);
  // Files with edges to one of `targets`, with the sum of the weights. Looks at all files: about 1 µs each.
  base::Result<std::unordered_map<FileId, double>> find_files_linking_to(const std::set<FileId>& targets);
  // Files that use the name, those with most uses first. Looks at all files: about 1 µs each.
  base::Result<std::vector<UserFile>> find_users(std::string_view name);

  // Of all files those that use some of the names, with these. About 1 µs for each file and name.
  base::Result<std::map<FileId, std::set<NameHash>>> find_files_naming(const std::set<NameHash>& names);

  // Hashes of the names used in these lines of a file (of a name that is used often, only its first places are known).
  base::Result<std::set<NameHash>> find_names_used(FileId file, base::LineRange lines);

  // The sum that changes when, and only when, a signature does.
  base::Result<std::int64_t> signatures_fingerprint();

 private:
  base::Result<std::optional<FileRow>> find_one_file(storage::Statement& select);
  storage::Database* database_;
  storage::Statement by_path_, by_id_, symbols_, symbols_named_, edges_;
};

}  // namespace oc::context
