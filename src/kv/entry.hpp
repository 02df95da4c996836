// SPDX-License-Identifier: Apache-2.0
// Computed KV of a run of tokens, as it is kept. What the state's bytes mean is known to who made them alone.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.hpp"
#include "kv/chain.hpp"

namespace oc::kv {

struct Entry {
  Key key;
  std::string identity;              // what the chain of the key began with
  std::int32_t position = 0;         // of the first token in its timeline, from 0
  std::vector<std::int32_t> tokens;  // that the state was computed from, from `position` on
  std::string state;                 // may be empty
  bool operator==(const Entry&) const = default;
};

// Bytes that it takes, in memory as in a file, near enough for limits.
inline base::ByteCount size_of(const Entry& entry) {
  const std::size_t bytes = sizeof(Entry) + entry.identity.size() + entry.tokens.size() * 4 + entry.state.size();
  return base::ByteCount(static_cast<std::int64_t>(bytes));
}

}  // namespace oc::kv
