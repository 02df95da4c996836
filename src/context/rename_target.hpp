// SPDX-License-Identifier: Apache-2.0
// Which symbol a name means, of all in the files that hold it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "context/rename_sources.hpp"

namespace oc::context {

// All declarations and definitions of one symbol.
struct RenameTarget {
  std::string family, name, qualified;
  std::string prefix;  // of the type, namespace or package that holds it
  std::string owner;   // of a member: the plain name of its type
  syntax::SymbolKind kind = syntax::SymbolKind::function;
  bool is_member = false;
  bool is_of_trait = false;
  std::optional<syntax::ByteRange> scope;  // of one that is declared inside of a function
  std::set<std::string> homes;             // files that declare it
  struct Declared {
    std::string path;
    int symbol = 0;
    base::LineNumber line;
    bool operator==(const Declared&) const = default;
  };
  std::vector<Declared> declared;
};

// All symbols of a plain name.
std::vector<RenameTarget> find_targets(const RenameSources& sources, const std::string& name);
// The one that the request means. Kind `usage` when there is none or are several.
base::Result<RenameTarget> choose_target(const std::vector<RenameTarget>& targets, const RenameRequest& request);

}  // namespace oc::context
