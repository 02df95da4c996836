// SPDX-License-Identifier: Apache-2.0
// "Stop soon": one flag, shared by value. Any thread, and a signal handler, may request; any thread may ask.
#pragma once

#include <atomic>
#include <memory>

namespace oc::base {

class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}

  void request() const noexcept { flag_->store(true, std::memory_order_relaxed); }
  bool is_requested() const noexcept { return flag_->load(std::memory_order_relaxed); }
  // The flag itself, for callbacks of C libraries; lives as long as any copy of the token.
  std::atomic<bool>& flag() const noexcept { return *flag_; }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

}  // namespace oc::base
