// SPDX-License-Identifier: Apache-2.0
// A completion must not break the file: what of it can stand at the cursor without a syntax error that was not there.
#pragma once

#include <string>
#include <string_view>

#include "syntax/language.hpp"
#include "tasks/completion_text.hpp"

namespace oc::tasks {

// cut: the model was stopped in the middle, so the last line may be anything.
enum class CompletionEnd { whole, cut };

// `code` if prefix + code + suffix has no more syntax errors than prefix + suffix; else its longest beginning of whole
// lines for which that holds, without blank lines at the end; "" if none does. Brackets that `code` opens and leaves
// open, and a semicolon after it, are the user's to write, and no error. Unchanged when the language has no grammar or
// the text is over 1 MB: then nothing is known; a single line that was cut is left alone too. Parses the text once for
// each line that is taken off, at most 12 times.
std::string without_new_errors(const syntax::Language* language, std::string_view prefix, std::string_view code,
                               std::string_view suffix, CompletionEnd end);

}  // namespace oc::tasks
