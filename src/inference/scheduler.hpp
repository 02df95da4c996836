// SPDX-License-Identifier: Apache-2.0
// The one inference thread and the queue that feeds it: smaller priority first, first come first served among equals.
// Any thread may submit; jobs run on the inference thread only, one after the other.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "protocol/messages.hpp"

namespace oc::inference {

class Scheduler {
 public:
  Scheduler();
  // Finishes the running job (cancel it first) and drops the waiting ones.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  struct Ticket {
    std::uint64_t number = 0;  // for withdraw
    int ahead = 0;             // jobs that run or wait before this one
  };
  Ticket submit(protocol::Priority priority, std::function<void()> job);
  // Takes a waiting job out of the queue; false when it runs or has run.
  bool withdraw(std::uint64_t number);
  // Jobs that run or wait.
  int pending() const;

 private:
  void run();

  using Key = std::pair<protocol::Priority, std::uint64_t>;
  mutable std::mutex mutex_;  // guards everything below but the thread
  std::condition_variable wake_;
  std::map<Key, std::function<void()>> waiting_;
  std::uint64_t next_number_ = 0;
  bool running_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace oc::inference
