// SPDX-License-Identifier: Apache-2.0
// "@src/app.py" and "@total" in a message. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace oc::cli {

// What stands behind each @ that begins a word, without the punctuation of the sentence, each once. None in a long
// message: that is code or a log that was pasted, and its @ mean something else.
std::vector<std::string> find_mentions(std::string_view message);
// Letters, digits, '_', and '.' or "::" between them.
bool looks_like_symbol(std::string_view name);

}  // namespace oc::cli
