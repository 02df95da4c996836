// SPDX-License-Identifier: Apache-2.0
// Choices between ways to compute the same, made from measurements on a machine that does other things too.
#pragma once

#include <algorithm>
#include <limits>

namespace oc::inference {

// How long the same thing took, several times. Other programs only make it longer.
class TimeSamples {
 public:
  void add(double ms) {
    best_ = std::min(best_, ms);
    worst_ = std::max(worst_, ms);
    ++count_;
  }
  int count() const { return count_; }
  double best() const { return count_ > 0 ? best_ : 0; }
  // By `gain` (0.05: 5 %) even where its own measurements were slowest and the other's fastest. A choice that noise
  // could undo the next time is none: what was computed one way is of no use to the other.
  bool is_clearly_faster_than(const TimeSamples& other, double gain) const {
    return count_ > 0 && other.count_ > 0 && worst_ * (1 + gain) < other.best_;
  }
  // As far as the best of both tell, and but for `loss`.
  bool is_no_slower_than(const TimeSamples& other, double loss) const {
    return count_ > 0 && other.count_ > 0 && best_ <= other.best_ * (1 + loss);
  }

 private:
  double best_ = std::numeric_limits<double>::max();
  double worst_ = 0;
  int count_ = 0;
};

}  // namespace oc::inference
