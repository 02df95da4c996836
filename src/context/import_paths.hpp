// SPDX-License-Identifier: Apache-2.0
// From what an import names to the files it may mean, by the rules of its language. Names only; no disk.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "context/index_schema.hpp"
#include "syntax/outline.hpp"

namespace oc::context {

// The files of a workspace by path, by stem and by folder.
class PathTable {
 public:
  struct Entry {
    FileId id = 0;
    std::string_view path;
  };
  // The paths must outlive the table.
  explicit PathTable(std::vector<Entry> entries);

  // 0: there is none.
  FileId find(std::string_view path) const;
  // Files whose path ends with this one at a '/' ("b/c.h" finds "a/b/c.h"); the nearest to `from` first.
  std::vector<FileId> find_ending(std::string_view ending, std::string_view from) const;
  // Files directly in folders whose path ends with this one; those with one of the extensions (".go") only.
  std::vector<FileId> find_in_folder(std::string_view ending, std::string_view extension) const;
  std::string_view path_of(FileId id) const;

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string_view, std::size_t> by_path_;
  std::unordered_map<FileId, std::size_t> by_id_;
  std::unordered_multimap<std::string_view, std::size_t> by_name_;         // last part of the path
  std::unordered_multimap<std::string_view, std::size_t> by_folder_name_;  // last part but one
};

// The files of the workspace that an import in `from` leads to, the likeliest first; at most 64. Empty for what lies
// outside, such as a standard library.
std::vector<FileId> resolve_import(const syntax::Import& import, std::string_view from, std::string_view language,
                                   const PathTable& paths);

// What a file may be imported by: the stem of its name and, as packages are folders, the name of its folder; in lower
// case.
std::vector<std::string> stems_of_file(std::string_view path);
// The stems_of_file() that an import would look for.
std::vector<std::string> stems_of_import(const syntax::Import& import);

// Languages whose files use each other's names: "c" for C, C++ and CUDA, "javascript" for TypeScript too, "java" for
// Kotlin; others are alone.
std::string_view family_of(std::string_view language);

}  // namespace oc::context
