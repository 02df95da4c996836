// SPDX-License-Identifier: Apache-2.0
// review --fix PATH:LINE: what was found in that line goes to the edit engine, as debug --fix does with an error.
#pragma once

#include <string>
#include <vector>

#include "cli/commands/edit_options.hpp"
#include "cli/invocation.hpp"
#include "quality/finding.hpp"
#include "quality/project_measures.hpp"

namespace oc::cli {

struct FixPlace {
  std::string path;  // as findings have it
  base::LineNumber line;
};
// "src/a.py:12". Kind `usage` for anything else.
base::Result<FixPlace> parse_fix_place(const std::string& text);

// The exit code of the change. Kinds: `usage` where nothing was found in that line; those of fix_finding and landing.
base::Result<int> fix_reviewed_line(Invocation& invocation, const FixPlace& place,
                                    const std::vector<quality::Finding>& findings,
                                    const quality::ProjectMeasures& measures, const EditOptions& options);

}  // namespace oc::cli
