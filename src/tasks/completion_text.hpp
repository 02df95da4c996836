// SPDX-License-Identifier: Apache-2.0
// From what a model wrote for the middle of a file to the text to insert at the cursor. Pure text, no language's
// grammar.
#pragma once

#include <string>
#include <string_view>

namespace oc::tasks {

enum class CompletionShape { single_line, multi_line };

// Only takes away, never adds: special words and code fences that leaked; what repeats the suffix (its next lines, or
// its beginning on the cursor's own line, closing brackets included if the file does not need them); the third and
// every later copy of a line and one before; for multi_line what comes after the block of the cursor is complete; blank
// lines at the end; the indentation that stands before the cursor already. "": nothing to insert. `prefix` and `suffix`
// are the whole text on both sides of the cursor with LF line ends: brackets are counted in them. The result is valid
// UTF-8 with LF line ends, at most 32 KiB, and trim(trim(x)) == trim(x) for the same cursor.
std::string trim_completion(std::string_view raw, std::string_view prefix, std::string_view suffix,
                            CompletionShape shape);

}  // namespace oc::tasks
