// SPDX-License-Identifier: Apache-2.0
// "Stop soon": one flag, shared by value. Any thread, and a signal handler, may request; any thread may ask.
// A token made by either() also counts as requested when its second reason is.
#pragma once

#include <atomic>
#include <memory>

namespace oc::base {

class CancelToken {
 public:
  CancelToken() : flag_(std::make_shared<std::atomic<bool>>(false)) {}

  void request() const noexcept { flag_->store(true, std::memory_order_relaxed); }
  bool is_requested() const noexcept {
    return flag_->load(std::memory_order_relaxed) || (also_ && also_->load(std::memory_order_relaxed));
  }
  // Requested as soon as this token or the other one is. Requesting it requests this one.
  CancelToken either(const CancelToken& other) const {
    CancelToken both = *this;
    both.also_ = other.flag_;
    return both;
  }
  // The flag itself, for callbacks of C libraries; lives as long as any copy of the token.
  std::atomic<bool>& flag() const noexcept { return *flag_; }

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
  std::shared_ptr<std::atomic<bool>> also_;
};

}  // namespace oc::base
