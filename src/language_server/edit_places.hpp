// SPDX-License-Identifier: Apache-2.0
// Which places of a name an edit of a rename means. An edit is believed only where it does nothing but put the new name
// in the place of the old one. Pure.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "language_server/answers.hpp"

namespace oc::language_server {

struct NameRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  auto operator<=>(const NameRange&) const = default;
};

struct Names {
  std::string_view old_name, new_name;
};

struct Refusal {
  std::size_t at = 0;  // of the text, near the edit
  std::string reason;
};

// The places of one edit. Besides the plain edit of a name this understands "name: new" for a name that stands for a
// key and its value, and larger pieces of text, up to the whole file, in which nothing but the name differs.
std::expected<std::vector<NameRange>, Refusal> places_of_edit(std::string_view text, const TextPositions& positions,
                                                              const TextEdit& edit, const Names& names);

// The place of a location, if the old name stands there.
std::expected<NameRange, Refusal> place_of_range(std::string_view text, const TextPositions& positions,
                                                 const TextRange& range, std::string_view old_name);

}  // namespace oc::language_server
