// SPDX-License-Identifier: Apache-2.0
#include "inference/scheduler.hpp"

#include <iterator>

namespace oc::inference {

Scheduler::Scheduler() : thread_([this] { run(); }) {}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  thread_.join();
}

Scheduler::Ticket Scheduler::submit(protocol::Priority priority, std::function<void()> job) {
  Ticket ticket;
  {
    const std::lock_guard lock(mutex_);
    ticket.number = next_number_++;
    const auto [place, added] = waiting_.emplace(Key{priority, ticket.number}, std::move(job));
    (void)added;  // numbers never repeat
    ticket.ahead = static_cast<int>(std::distance(waiting_.begin(), place)) + (running_ ? 1 : 0);
  }
  wake_.notify_one();
  return ticket;
}

bool Scheduler::withdraw(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(waiting_, [number](const auto& entry) { return entry.first.second == number; }) > 0;
}

int Scheduler::pending() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(waiting_.size()) + (running_ ? 1 : 0);
}

void Scheduler::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !waiting_.empty(); });
    if (ending_) return;
    const std::function<void()> job = std::move(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
    running_ = true;
    lock.unlock();
    job();
    lock.lock();
    running_ = false;
  }
}

}  // namespace oc::inference
