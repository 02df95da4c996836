// SPDX-License-Identifier: Apache-2.0
// The edits of an answer on the files as they are: which bytes would stand where. Reads files, writes none. Whether a
// file may be changed at all is file_guard's business, whether the result is any good the gate's.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "edit/answer_edits.hpp"
#include "edit/change.hpp"
#include "edit/code_place.hpp"

namespace oc::edit {

struct PlacementOptions {
  base::Path workspace;                  // names in the answer are below it …
  base::Path folder;                     // … or below this one, where only that exists
  std::optional<base::Path> file;        // what blocks without a name are for
  CodeScope scope = CodeScope::unknown;  // of the code for `file`, or for any where that is unknown
  std::string symbol;                    // of `file`: the one that code is for; "": any
  base::ByteCount file_limit;
  std::vector<FileChange> so_far;  // changes that come first: their files are taken as they will be
};

struct FileRefusal {
  std::string file;  // as shown; "" where no file is known
  std::string reason;
};

struct Placement {
  std::vector<FileChange> files;  // in the order of the answer; files that would stay as they are are left out
  std::vector<FileRefusal> refusals;
  std::vector<std::string> notes;  // what was left out and why, one sentence each
};

// Every edit is placed on the file as it is now, so their order does not matter. What cannot be done, be it that a file
// cannot be read, is a refusal; no error so far.
base::Result<Placement> place_edits(const AnswerEdits& answer, const PlacementOptions& options);

}  // namespace oc::edit
