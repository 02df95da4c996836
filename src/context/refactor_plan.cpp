// SPDX-License-Identifier: Apache-2.0
#include "context/refactor_plan.hpp"

#include <algorithm>
#include <tuple>

namespace oc::context {

std::string apply_places(const RefactorPlan& plan, std::string_view path, std::string_view text) {
  std::string after;
  std::size_t copied = 0;
  for (const PlannedPlace& place : plan.places) {
    if (place.path != path) continue;
    after.append(text, copied, place.range.begin - copied).append(place.text);
    copied = place.range.end;
  }
  return after.append(text, copied);
}

void put_in_order(RefactorPlan& plan) {
  std::ranges::stable_sort(
      plan.places, {}, [](const PlannedPlace& one) { return std::tuple(one.path, one.range.begin, one.range.end); });
  const auto key = [](const PlannedDoubt& one) { return std::tie(one.path, one.line, one.reason); };
  std::ranges::sort(plan.doubts, {}, key);
  const auto same = [&](const PlannedDoubt& a, const PlannedDoubt& b) { return key(a) == key(b); };
  plan.doubts.erase(std::unique(plan.doubts.begin(), plan.doubts.end(), same), plan.doubts.end());
}

}  // namespace oc::context
