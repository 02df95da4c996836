// SPDX-License-Identifier: Apache-2.0
// Which symbol of a project a name means, for refactorings that know Python, JavaScript and TypeScript.
#pragma once

#include <string>
#include <vector>

#include "context/rename_target.hpp"

namespace oc::context {

struct SymbolChoice {
  std::vector<RenameTarget> all;      // of that plain name, in every language
  base::Result<RenameTarget> target;  // as choose_target
  // All but the target, of its family.
  std::vector<RenameTarget> others() const;
};

// A request that asks for the places of a symbol, with no new name.
RenameRequest request_for_symbol(const std::string& name, const std::string& file);

// Uses old_name, file, files and paths. Kind `cancelled`.
base::Result<SymbolChoice> choose_symbol(const RenameRequest& request, const base::CancelToken& cancel);

}  // namespace oc::context
