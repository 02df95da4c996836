// SPDX-License-Identifier: Apache-2.0
// Search/replace blocks: "<<<<<<< SEARCH", the old lines, "=======", the new lines, ">>>>>>> REPLACE".
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "edit/text_place.hpp"

namespace oc::edit {

// Five to nine "<" and SEARCH, ORIGINAL or OLD. A marker of a merge ("<<<<<<< HEAD") is none.
bool begins_search(std::string_view line);
// Five to nine ">" and REPLACE, UPDATED or NEW.
bool ends_replace(std::string_view line);

struct ReadSearch {
  TextChange change;
  bool is_complete = true;  // the last marker is there
  std::string fault;        // why it cannot be read though it is complete; "": it can
  std::size_t end = 0;      // the line behind the last marker
};

// Reads the block whose first marker is line `at`, lines without ends. All its markers are indented like that one.
// Several lines that could be the divider are a fault: which of them belong to the text?
ReadSearch read_search(const std::vector<std::string_view>& lines, std::size_t at);

// The block as read_search takes it.
std::string render_search(const TextChange& change);

}  // namespace oc::edit
