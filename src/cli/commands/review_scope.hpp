// SPDX-License-Identifier: Apache-2.0
// What a review is about: files and folders that are named, or the lines that a change touches.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "quality/changed_lines.hpp"
#include "quality/finding.hpp"

namespace oc::cli {

struct ReviewTarget {
  std::vector<std::string> names;       // files and folders
  std::optional<std::string> revision;  // --diff; "": what is not committed
  bool staged = false;
};

struct ReviewScope {
  std::vector<std::string> prefixes;  // of the named files and folders, as the index writes paths; "": all
  std::optional<quality::ChangedLines> changes;
  std::string diff;                // where there are changes
  std::set<std::string> unmerged;  // files whose merge is not finished, with lines to look at or without

  bool has_file(const std::string& path) const;
  // A named file, or a change in one of the lines that the finding is about.
  bool has(const quality::Finding& finding) const;
};

// Without names and options the change on standard input, else what is not committed. git is needed for --diff and
// --staged alone. Tells of files of the change that have no lines to look at. Kinds: usage, io, cancelled.
base::Result<ReviewScope> find_review_scope(Invocation& invocation, const ReviewTarget& target);

// The change as git prints it, relative to the workspace, with renames, without programs that the repository names.
// `revision`: "" is HEAD. Kinds: usage, cancelled.
base::Result<std::string> read_git_diff(const Invocation& invocation, const std::string& revision, bool staged);

}  // namespace oc::cli
