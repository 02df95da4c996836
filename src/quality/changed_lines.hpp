// SPDX-License-Identifier: Apache-2.0
// Which lines of which files a change touches, read from a diff as git and diff print it. Pure; any bytes are allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace oc::quality {

struct ChangedFile {
  // text: it has lines to look at. The others have none, and say so.
  enum class Kind { text, removed, binary, submodule, unmerged, mode_only };
  Kind kind = Kind::text;
  std::string path;                    // as it is named now
  std::string old_path;                // where it was renamed or copied from; "" otherwise
  std::vector<base::LineRange> lines;  // of the new text, in their order: added ones, and where some were removed the
                                       // line behind them
};

struct ChangedLines {
  std::vector<ChangedFile> files;  // in the diff's order
  bool is_diff = false;            // did the text hold any?
};

ChangedLines read_changed_lines(std::string_view diff);

// Does the range touch one of the changed lines?
bool touches(const ChangedFile& file, base::LineRange lines);

}  // namespace oc::quality
