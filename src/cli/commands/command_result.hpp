// SPDX-License-Identifier: Apache-2.0
// How the commands that ask no model show what they found: text for people, one JSON object for scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/invocation.hpp"

namespace oc::cli {

// `text` (without controls) or result_json of `fields`, a JSON object; jsonl is the same one line.
void show_result(Invocation& invocation, std::string_view text, std::string_view fields);

// Cells under each other, two blanks between columns, each row a line; nothing behind the last cell.
std::string in_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace oc::cli
