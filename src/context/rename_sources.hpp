// SPDX-License-Identifier: Apache-2.0
// The files of a rename, read: places of the names, what imports lead to, and which local names hide what.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "context/import_paths.hpp"
#include "context/rename.hpp"
#include "syntax/name_places.hpp"

namespace oc::context {

struct RenameSource {
  const RenameFile* file = nullptr;
  std::string family;
  syntax::NamePlaces names;
  const std::string& path() const { return file->path; }
  const syntax::Symbol& symbol(int index) const { return names.outline.symbols[static_cast<std::size_t>(index)]; }
};

// hidden: the place means a local name. unsure: it may.
enum class Hiding { none, hidden, unsure };

class RenameSources {
 public:
  // Keeps views of the request. Files of other families than `family` are left out.
  static base::Result<RenameSources> read(const RenameRequest& request, std::string_view family,
                                          const base::CancelToken& cancel);

  const std::vector<RenameSource>& all() const { return sources_; }
  // Does a name of the file's scopes hide the file's own at this place?
  static Hiding hiding(const RenameSource& source, const syntax::NamePlace& place, std::string_view name);
  // The paths that an import of `name` alone leads to.
  std::vector<std::string> resolve(const RenameSource& source, const syntax::Import& import,
                                   std::string_view name) const;
  // The type that the code at a place belongs to, qualified; "" if none.
  static std::string type_round(const RenameSource& source, const syntax::NamePlace& place);
  // The qualified name of what is round the place; "" for the file.
  static std::string scope_round(const RenameSource& source, const syntax::NamePlace& place);
  // Is a name declared inside of a function?
  static bool is_local(const syntax::NamePlace& place) {
    return place.scope_kind == syntax::ScopeKind::function || place.scope_kind == syntax::ScopeKind::block;
  }
  // How many local names `object`, what stands before a dot, may be at the place. Reads the file again.
  static int count_locals(const RenameSource& source, const syntax::NamePlace& place, std::string_view object);
  // C and C++: is one of `targets` included, directly or not?
  bool reaches(const RenameSource& source, const std::set<std::string>& targets) const;

 private:
  explicit RenameSources(const RenameRequest& request);

  const RenameRequest* request_;
  PathTable paths_;
  std::vector<RenameSource> sources_;
};

bool is_type(syntax::SymbolKind kind);

}  // namespace oc::context
