// SPDX-License-Identifier: Apache-2.0
// The names that a file refers to, packed: so small that "who refers to this?" is answered by looking through all
// files.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"
#include "context/name_hash.hpp"
#include "syntax/outline.hpp"

namespace oc::context {

struct NameUse {
  NameHash name = 0;
  std::int64_t count = 0;
  std::vector<base::LineNumber> lines;  // the first few
};

// Most names kept of one file, and most lines of one name.
inline constexpr std::size_t k_most_names = 8192;
inline constexpr std::size_t k_most_lines = 8;

std::string pack_references(std::span<const syntax::Reference> references);

// By name. Any bytes are allowed; what is damaged is left out.
std::vector<NameUse> unpack_references(std::string_view packed);

// Does it hold this name? Without unpacking; logarithmic.
bool refers_to(std::string_view packed, NameHash name);

}  // namespace oc::context
