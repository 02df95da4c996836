// SPDX-License-Identifier: Apache-2.0
// The ledger of a context, for people and for scripts.
#pragma once

#include <string>

#include "context/selection.hpp"

namespace oc::cli {

// A line a piece: tokens, path and lines, reason; what was left out after it.
std::string ledger_text(const context::Selection& ledger);
// A JSON object: {"context": …} as in every answer (docs/cli.md).
std::string ledger_fields(const context::Selection& ledger);

}  // namespace oc::cli
