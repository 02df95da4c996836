// SPDX-License-Identifier: Apache-2.0
// Text → the terms it is found by: words in lower case, and the parts of names that are written together
// ("parseHttpUrl" and "parse_http_url" → parse, http, url, and the whole name).
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

namespace oc::context {

using TermCounts = std::unordered_map<std::string, int>;

// Adds the terms of `text`: of 2 to 64 bytes, ASCII letters in lower case, digits and other characters as they are.
// Numbers of more than 6 digits are none. Stops when `counts` has `most_terms`. Linear.
void count_terms(std::string_view text, TermCounts& counts, std::size_t most_terms);

// Words that almost every text has and that find nothing: "the", "and", "what" …; `term` in lower case.
bool is_filler(std::string_view term);

}  // namespace oc::context
