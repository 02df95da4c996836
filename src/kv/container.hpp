// SPDX-License-Identifier: Apache-2.0
// The file format of an entry: pure functions. A file is the state, then identity and tokens, then a trailer of fixed
// size with the key, all lengths, a version and a checksum (XXH3, 128 bit) over everything. It ends with what describes
// it, so that neither writing nor reading copies the state. The checksum finds accidents; it does not stop a forger.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/units.hpp"
#include "kv/entry.hpp"

namespace oc::kv {

// No file is longer. Bounds what a damaged length can make a reader allocate.
inline constexpr base::ByteCount k_file_limit{std::int64_t{1} << 30};

// The bytes of a file. Several GB/s.
std::string encode(const Entry& entry);
// The same without the state, which comes before it: for writing both without a copy.
std::string encode_after_state(const Entry& entry);

// Takes the bytes of a file; the entry's state lies in the string that was given. Anything that is not exactly what
// encode() makes is an error (kind `io`), whatever it holds: accepted bytes are those of encode(result). Several GB/s.
base::Result<Entry> parse(std::string bytes);

}  // namespace oc::kv
