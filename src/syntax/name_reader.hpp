// SPDX-License-Identifier: Apache-2.0
// From a tree to the places of names in it. Only src/syntax includes this.
#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/name_places.hpp"
#include "syntax/node_rules.hpp"

namespace oc::syntax {

// What a walk saw of the names that are watched: their first bytes, and the roles there.
struct NameWatch {
  const std::set<std::string, std::less<>>* names = nullptr;
  std::map<std::uint32_t, Role> roles;
};

// `language`: of the tree. By position.
std::vector<NamePlace> read_name_places(const TSNode& root, std::string_view text, std::string_view language,
                                        const NameWatch& watch, const Outline& outline);

}  // namespace oc::syntax
