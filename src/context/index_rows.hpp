// SPDX-License-Identifier: Apache-2.0
// Rows of the index as values.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/folder_entries.hpp"
#include "base/units.hpp"
#include "context/index_schema.hpp"
#include "context/name_hash.hpp"
#include "syntax/outline.hpp"

namespace oc::context {

struct FileRow {
  FileId id = 0;
  std::string path;  // as FoundFile::path
  base::FileStamp stamp;
  bool racy = false;  // the stamp proves nothing: its contents must be hashed again
  std::string hash;
  std::int64_t state = k_state_indexed;
  std::string language;
  std::int64_t lines = 0;
  std::int64_t terms = 0;
  std::int64_t document = 0;
};

struct SymbolRow {
  FileId file = 0;
  int position = 0;
  syntax::SymbolKind kind = syntax::SymbolKind::function;
  syntax::SymbolForm form = syntax::SymbolForm::definition;
  std::string name;
  std::string qualified_name;
  base::LineRange lines;
  std::string signature;
  std::string doc;
  int container = -1;
  std::int64_t users = 0;
};

struct ImportRow {
  FileId file = 0;
  int position = 0;
  syntax::Import import;
  std::vector<FileId> files;  // where it leads to
};

// From one file to another: because of a name, or (name 0) of an import.
struct Edge {
  FileId target = 0;
  NameHash name = 0;
  float weight = 0;
};
std::string pack_edges(const std::vector<Edge>& edges);
// Any bytes are allowed. Weights are finite and not negative.
std::vector<Edge> unpack_edges(std::string_view packed);
// The sum of the weights of those that lead to one of `targets`; nothing is unpacked that is not asked for.
double weight_of_edges_to(const std::set<FileId>& targets, std::string_view packed);

std::string pack_ids(const std::vector<FileId>& ids);
std::vector<FileId> unpack_ids(std::string_view packed);

// 1 to 10: how likely the same name means the same thing elsewhere. Long and compound names tell, "i" and "get" do not.
int name_quality(std::string_view name);

}  // namespace oc::context
