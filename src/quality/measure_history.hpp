// SPDX-License-Identifier: Apache-2.0
// The sums of past measurements, so that a trend can be shown: a file of JSON lines beside the index of the project.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "quality/project_measures.hpp"

namespace oc::quality {

inline constexpr std::string_view k_history_file_name = "quality.jsonl";

struct MeasureSums {
  std::int64_t time = 0;  // seconds since 1970
  std::string folder;     // what was measured; "": all
  std::int64_t files = 0, lines = 0, functions = 0;
  std::int64_t complexity = 0;   // of all functions together
  std::int64_t above_limit = 0;  // functions above one of their limits
  std::int64_t copied_lines = 0, unused = 0, untested = 0, marks = 0;

  double mean_complexity() const {
    return functions == 0 ? 0 : static_cast<double>(complexity) / static_cast<double>(functions);
  }
  double copied_percent() const {
    return lines == 0 ? 0 : 100 * static_cast<double>(copied_lines) / static_cast<double>(lines);
  }
};

// Pure; `time` stays 0.
MeasureSums sums_of(const ProjectMeasures& measures, const std::string& folder);

// All that can be read, oldest first; a missing file has none, lines that are damaged are passed over. Kind `io`.
base::Result<std::vector<MeasureSums>> load_history(const base::Path& file);
// Adds one; of more than 1 000 the oldest go. The same sums as the last ones of the folder are not added again. Of two
// processes that do so at once one may lose its entry. Kind `io`.
base::Result<void> add_to_history(const base::Path& file, const MeasureSums& sums);

}  // namespace oc::quality
