// SPDX-License-Identifier: Apache-2.0
// Names as 64-bit numbers, the same on every machine: what the index compares instead of texts. Not for secrets.
#pragma once

#include <cstdint>
#include <string_view>

namespace oc::context {

using NameHash = std::uint64_t;

// FNV-1a with the finaliser of MurmurHash3 (public domain constants), so that sorted hashes are spread evenly.
constexpr NameHash hash_name(std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

// SQLite keeps signed numbers.
constexpr std::int64_t to_column(NameHash hash) { return static_cast<std::int64_t>(hash); }
constexpr NameHash from_column(std::int64_t value) { return static_cast<NameHash>(value); }

}  // namespace oc::context
