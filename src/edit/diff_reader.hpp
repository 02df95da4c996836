// SPDX-License-Identifier: Apache-2.0
// Unified diffs, as tools write them and as models do: what they say about text counts; their line numbers break ties
// only where all their numbers are right, as a tool's are.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "edit/proposed_edit.hpp"

namespace oc::edit {

// Does a diff begin at this line: "--- name" with "+++ name" behind it, "diff --git …", or "@@ … @@"?
bool begins_diff(const std::vector<std::string_view>& lines, std::size_t at);

// fenced: all the lines are a diff, so one without a mark in front is a context line that lost its blank, and a hunk
// needs no header. loose: other text may follow.
enum class DiffPlace { fenced, loose };

struct ReadDiff {
  std::vector<ProposedEdit> edits;  // one for each file
  std::vector<Refusal> refusals;    // what cannot be read so: renames, binary files, hunks that are cut off
  std::size_t end = 0;              // the first line that is none of the diff's
};

// Reads from line `at` on, lines without ends. `path`: the file of hunks that stand before any header; "" if unknown.
ReadDiff read_diff(const std::vector<std::string_view>& lines, std::size_t at, std::string_view path, DiffPlace place);

}  // namespace oc::edit
