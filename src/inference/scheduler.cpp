// SPDX-License-Identifier: Apache-2.0
#include "inference/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace oc::inference {

using State = Generation::State;
using Priority = protocol::Priority;

namespace {

// Whoever is cancelled, and whatever cannot go on, is looked at this often while the queue waits.
constexpr auto k_patience = std::chrono::milliseconds(10);

}  // namespace

Scheduler::Scheduler(Duration quiet, Turns turns) : quiet_(quiet), turns_(turns), thread_([this] { run(); }) {}

Scheduler::~Scheduler() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

Scheduler::Ticket Scheduler::submit(Priority priority, std::shared_ptr<Work> work) {
  Ticket ticket;
  {
    const std::lock_guard lock(mutex_);
    ticket.number = next_number_++;
    const auto [place, added] = queue_.emplace(Key{priority, ticket.number}, Queued{.work = std::move(work)});
    (void)added;  // numbers never repeat
    ticket.ahead = static_cast<int>(std::distance(queue_.begin(), place));
    most_urgent_ = std::min(most_urgent_.load(), static_cast<int>(priority));
  }
  wake_.notify_one();
  return ticket;
}

bool Scheduler::withdraw(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  return std::erase_if(queue_,
                       [number](const auto& entry) { return entry.first.second == number && !entry.second.begun; }) > 0;
}

int Scheduler::pending() const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(queue_.size());
}

// The work of the next step. The queue is not empty.
Scheduler::Queue::iterator Scheduler::choose() {
  const auto cancelled =
      std::ranges::find_if(queue_, [](const auto& entry) { return entry.second.work->is_cancelled(); });
  if (cancelled != queue_.end()) return cancelled;
  hold_back(Priority::interactive, turns_.interactive);
  hold_back(Priority::batch, turns_.batch);
  const auto is_free = [](const auto& entry) { return !entry.second.blocked && !entry.second.held; };
  const auto first = std::ranges::find_if(queue_, is_free);
  if (first == queue_.end()) return queue_.begin();  // all wait for each other: let the first try
  if (first->first.first == Priority::interactive) return choose_sharing();
  if (first->first.first != Priority::batch) return first;
  const auto prompt = std::find_if(first, queue_.end(), [&](const auto& entry) {
    return is_free(entry) && entry.first.first == Priority::batch && entry.second.work->state() != State::decode;
  });
  return prompt != queue_.end() ? prompt : first;
}

void Scheduler::hold_back(Priority priority, Duration turn) {
  const bool goes_on = std::ranges::any_of(queue_, [priority](const auto& entry) {
    return entry.first.first <= priority && entry.second.begun && !entry.second.blocked;
  });
  const auto now = std::chrono::steady_clock::now();
  bool is_waited = false;
  for (auto& [key, queued] : queue_) {
    if (key.first != priority) continue;
    queued.held = goes_on && is_waited && !queued.begun;
    is_waited |= queued.waiting_since && now - *queued.waiting_since >= turn;
  }
}

Scheduler::Queue::iterator Scheduler::choose_sharing() {
  auto chosen = queue_.end();
  int sharing = 0;
  for (auto at = queue_.begin(); at != queue_.end() && sharing < k_sharing; ++at) {
    if (at->first.first != Priority::interactive || at->second.blocked || at->second.held) continue;
    if (at->second.work->state() == State::done) return at;  // by a step of another one: somebody waits for its end
    if (!at->second.used) at->second.used = least_used();
    if (chosen == queue_.end() || *at->second.used < *chosen->second.used) chosen = at;
    ++sharing;
  }
  return chosen;
}

Scheduler::Duration Scheduler::least_used() const {
  std::optional<Duration> least;
  for (const auto& [key, queued] : queue_)
    if (queued.used && !queued.blocked) least = std::min(*queued.used, least.value_or(*queued.used));
  return least.value_or(Duration::zero());
}

Scheduler::Duration Scheduler::time_to_wait(Queue::iterator at) const {
  if (at->first.first != Priority::idle || !last_urgent_ || at->second.work->is_cancelled()) return Duration::zero();
  return *last_urgent_ + quiet_ - std::chrono::steady_clock::now();
}

void Scheduler::note_result(Queue::iterator at) {
  const State state = at->second.work->state();
  at->second.blocked = state == State::blocked;
  if (!at->second.blocked) at->second.waiting_since.reset();
  else if (!at->second.waiting_since) at->second.waiting_since = std::chrono::steady_clock::now();
  if (state != State::done) return;
  queue_.erase(at);
  for (auto& [key, queued] : queue_) {
    if (!queued.blocked) continue;
    if (queued.used) queued.used = std::max(*queued.used, least_used());
    queued.blocked = false;
  }
}

void Scheduler::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
    if (ending_) break;
    const auto at = choose();
    if (time_to_wait(at) > Duration::zero()) {
      // Something urgent may come, or work be withdrawn: what is next is then another question.
      wake_.wait_for(lock, std::min<Duration>(time_to_wait(at), k_patience));
      continue;
    }
    if (at->second.blocked)  // nobody can go on: not a busy loop, should it ever come to this
      wake_.wait_for(lock, k_patience, [this] { return ending_; });
    at->second.begun = true;
    const int own = static_cast<int>(at->first.first);
    most_urgent_ = own;
    const std::shared_ptr<Work> work = at->second.work;
    lock.unlock();
    const auto begin = std::chrono::steady_clock::now();
    work->advance([this, own] { return most_urgent_.load(std::memory_order_relaxed) < own; });
    lock.lock();
    const auto end = std::chrono::steady_clock::now();
    if (at->second.used) *at->second.used += end - begin;
    if (own != static_cast<int>(Priority::idle)) last_urgent_ = end;
    note_result(at);
  }
  queue_.clear();
}

}  // namespace oc::inference
