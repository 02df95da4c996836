// SPDX-License-Identifier: Apache-2.0
// Monotonic time. Wall-clock time is used nowhere in a decision.
#pragma once

#include <chrono>

namespace oc::base {

class Stopwatch {
 public:
  Stopwatch() : start_(std::chrono::steady_clock::now()) {}
  double elapsed_ms() const {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_;
};

}  // namespace oc::base
