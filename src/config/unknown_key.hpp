// SPDX-License-Identifier: Apache-2.0
// "Did you mean": what to say about a key, a section or a variable that the table does not have.
#pragma once

#include <string>
#include <string_view>

namespace oc::config {

// The hint for a key `name` inside `section`, which is one of the table.
std::string hint_for_name(std::string_view section, std::string_view name);
// The hint for a word at the top of a file.
std::string hint_for_section(std::string_view name);
// The hint for a whole key such as "generation.temprature"; "" if nothing is near.
std::string hint_for_key(std::string_view key);
// The known variable that was probably meant, or "".
std::string nearest_variable(std::string_view variable);

}  // namespace oc::config
