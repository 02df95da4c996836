// SPDX-License-Identifier: Apache-2.0
// A file that is too large for one prompt → ranges of lines that fit, cut where the code allows it.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "context/source_file.hpp"

namespace oc::context {

// Ranges that cover every line once, in order, each of at most `budget` tokens: cut before top-level symbols where that
// is enough, else before what they hold, else at blank lines, else at any line. One range for a file that fits; none
// for an empty one. Kind `too_large`, with its number, for a line that does not fit alone. Counts each line about once.
base::Result<std::vector<base::LineRange>> split_file(const SourceFile& file, base::TokenCount budget,
                                                      const CountTokens& count_tokens);

}  // namespace oc::context
