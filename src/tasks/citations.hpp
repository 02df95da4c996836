// SPDX-License-Identifier: Apache-2.0
// The places of a project that an answer names, `path:line` or `path:line-line`, and which of them the model can have
// seen. An answer may name anything: a path is looked up in the workspace alone, and no link is followed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/path.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"

namespace oc::tasks {

struct Citation {
  std::string path;  // as the prompt wrote it, where one of its paths is meant
  base::LineRange lines;
  bool operator==(const Citation&) const = default;
};

// Each once, in the order of the answer. `known`: the paths of the prompt; the end of one of them is enough where it is
// the end of no other. Between fences only these count, since code has colons of its own. Linear in the answer for each
// known path.
std::vector<Citation> find_citations(std::string_view answer, const std::vector<std::string>& known);

struct CheckedCitation {
  Citation citation;
  enum class Verdict { shown, not_shown, no_such_line, no_such_file } verdict = Verdict::shown;
  bool operator==(const CheckedCitation&) const = default;
};
std::string_view to_string(CheckedCitation::Verdict verdict);

struct CitationSources {
  std::vector<context::Piece> shown;  // what stood in the prompt; signatures alone show no line
  base::Path workspace;
  base::ByteCount file_limit;
};
// Reads the files that were cited and not shown.
std::vector<CheckedCitation> check_citations(std::string_view answer, const CitationSources& sources);

}  // namespace oc::tasks
