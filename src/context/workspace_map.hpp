// SPDX-License-Identifier: Apache-2.0
// The signatures of the most central symbols of a workspace: the part of the context that every request shares. Its
// bytes change only when signatures do, so that a model's cache of it lasts.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "storage/database.hpp"

namespace oc::context {

struct MapRequest {
  base::TokenCount budget;
  std::string tokenizer;  // a name for what count_tokens counts with
};

struct WorkspaceMap {
  std::string text;  // by path: the path with a colon, then indented signatures; "" when nothing is known yet
  std::size_t files = 0;
  base::TokenCount tokens;
};

// Never over the budget. Made anew only when a signature has changed since (see IndexQuery::signatures_fingerprint), or
// for another budget or tokenizer; else it is what it was. Kinds: io, and what count_tokens fails with.
base::Result<WorkspaceMap> make_workspace_map(storage::Database& database, const MapRequest& request,
                                              const CountTokens& count_tokens);

}  // namespace oc::context
