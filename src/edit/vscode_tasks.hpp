// SPDX-License-Identifier: Apache-2.0
// Adds entries to .vscode/tasks.json, a file that belongs to the user: what is in it stays, byte for byte and in order.
// Which entries, and where the file is, is the caller's business.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "edit/jsonc.hpp"

namespace oc::edit {

struct VscodeEntry {
  std::string list;    // "tasks" or "inputs": the array of the file that it belongs to
  std::string id_key;  // "label" or "id": what it is known by there …
  std::string id;      // … and its value: one that is there already is not added again
  std::string json;    // the object; lines end with "\n", each level is indented by two spaces
};

struct VscodeMerge {
  std::string text;                // the new file; the old one if nothing was added
  std::vector<std::string> added;  // ids
};

// Line ends and indentation are those of the file. Blank text becomes a whole file. A problem, which names a line, when
// the text is no JSON (comments and trailing commas are fine), its lists are none, or it is of another version
// than 2.0.0.
std::expected<VscodeMerge, JsoncProblem> merge_vscode_entries(std::string_view text,
                                                              std::span<const VscodeEntry> entries);

}  // namespace oc::edit
