// SPDX-License-Identifier: Apache-2.0
// What the measures say is worth a look: each value above its limit becomes a finding. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "quality/finding.hpp"
#include "quality/project_measures.hpp"

namespace oc::quality {

// Above `note` it is a note, above `warning` a warning.
struct MeasureLimit {
  std::int64_t note = 0;
  std::int64_t warning = 0;
};
inline constexpr MeasureLimit k_length_limit{60, 120};
inline constexpr MeasureLimit k_nesting_limit{4, 6};
inline constexpr MeasureLimit k_complexity_limit{10, 20};
inline constexpr MeasureLimit k_parameters_limit{5, 8};
inline constexpr MeasureLimit k_clone_limit{49, 150};  // tokens

// By path and line.
std::vector<Finding> static_findings(const ProjectMeasures& measures);

// How far a function is above its limits: the sum of value / limit of what exceeds one. 0: nothing does.
double excess_of(const MeasuredFunction& function);

}  // namespace oc::quality
