// SPDX-License-Identifier: Apache-2.0
// The requests of a batch and what is known of those that are done. Pure functions over JSON lines.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace oc::cli {

struct BatchRequest {
  std::string id;
  std::vector<std::string> words;  // the command and what follows it, as on a command line
};

// Its command writes to files of the project, or runs commands there: one of them at a time.
bool changes_files(const BatchRequest& request);
// The words with more options, which stand before a "--".
std::vector<std::string> with_options(std::vector<std::string> words, const std::vector<std::string>& options);

// {"id": "a", "args": ["explain", "--file", "app.py"]} a line; without an id it is the number of the line. Empty lines
// and lines with '#' are passed over. Kind `usage`, with the line's number, for anything else, for an id that comes
// twice, and for a command that has no place in a batch.
base::Result<std::vector<BatchRequest>> parse_batch(std::string_view text);

// What the results in `text` are of whose command succeeded: id and words. Lines that are no results (a cut one at the
// end) say nothing.
using Done = std::map<std::string, std::vector<std::string>>;
Done find_done(std::string_view text);
// Of the same id and words: an id alone may be the number of a line, and lines move.
bool is_done(const Done& done, const BatchRequest& request);

// A line of results. `output` is what the command printed: one JSON object; something else becomes null.
std::string batch_result(const BatchRequest& request, int exit_code, std::string_view output);

}  // namespace oc::cli
