// SPDX-License-Identifier: Apache-2.0
// The tables of cache.db, and what their numbers mean. Everything in it can be computed again from the project.
#pragma once

#include <cstdint>

#include "context/discovery.hpp"
#include "storage/database.hpp"

namespace oc::context {

using FileId = std::int64_t;

storage::Schema index_schema();

// files.state: 0 is indexed, everything else says why the contents are not.
constexpr std::int64_t k_state_indexed = 0;
constexpr std::int64_t state_of(SkipReason reason) { return 1 + static_cast<std::int64_t>(reason); }

// pending.kind: what the linker has not seen yet.
enum class PendingKind : std::int64_t {
  everything = 0,  // hash 0: all files
  name = 1,        // a name is declared in other files than before
  stem = 2,        // a file of this stem came or went: imports may lead elsewhere
  file = 3,        // `hash` is the id of a file with new contents
};

}  // namespace oc::context
