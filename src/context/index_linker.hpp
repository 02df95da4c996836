// SPDX-License-Identifier: Apache-2.0
// From names and imports to edges between files: imports decide first, then nearness, then rarity of the name.
// Looks only at what `pending` names, unless everything is.
#pragma once

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "storage/database.hpp"

namespace oc::context {

// One transaction: afterwards nothing is pending. Cost: all files when everything is pending; else a look at the names
// of all files (about 1 µs each) when names moved, and nothing but the changed files when they did not.
// Kinds: io, cancelled (nothing is lost then, it is still pending).
base::Result<void> link_files(storage::Database& database, const base::CancelToken& cancel);

}  // namespace oc::context
