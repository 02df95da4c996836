// SPDX-License-Identifier: Apache-2.0
// The one inference thread and the queue that feeds it. Work advances by steps; before each step the most urgent work
// is chosen again, so that what is urgent comes between the steps of what is not. Any thread may submit.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "inference/language_model.hpp"

namespace oc::inference {

// One request. All of it but is_cancelled() is called by the inference thread only.
class Work {
 public:
  virtual ~Work() = default;
  virtual Generation::State state() const = 0;
  virtual void advance(const Interrupt& interrupt) = 0;
  // Any thread. Cancelled work goes first: it ends at once.
  virtual bool is_cancelled() const = 0;
};

class Scheduler {
 public:
  using Duration = std::chrono::steady_clock::duration;
  // Work of no urgency begins, or goes on, when nothing urgent ran for so long: somebody who types asks several times a
  // second, and what is known already must not wait for the end of a call that was begun meanwhile.
  static constexpr Duration k_quiet = std::chrono::seconds(1);
  // More at once would be slow for all of them, and want a context for all.
  static constexpr int k_sharing = 4;
  // For so long whoever waits for others (for the memory of their model, say) lets equals begin: what is short and
  // finds room need not wait, too, and each turn of two models may be worth two loads.
  struct Turns {
    Duration interactive = std::chrono::seconds(10), batch = std::chrono::minutes(1);
  };
  explicit Scheduler(Duration quiet = k_quiet) : Scheduler(quiet, Turns()) {}
  Scheduler(Duration quiet, Turns turns);
  // Finishes the step that runs (cancel its work first) and drops everything else.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  struct Ticket {
    std::uint64_t number = 0;  // for withdraw
    int ahead = 0;             // work that runs or waits before this
  };
  // Of Priority::interactive the first k_sharing share the time; who comes later owes nobody what others used
  // before. Of Priority::batch many advance together: all prompts first, then all answers in common steps. Of the
  // others one after the other: a completion uses what the one before it left.
  Ticket submit(protocol::Priority priority, std::shared_ptr<Work> work);
  // Takes work out of the queue that has not begun; false when it has.
  bool withdraw(std::uint64_t number);
  // Work that is not done.
  int pending() const;

 private:
  struct Queued {
    std::shared_ptr<Work> work;
    bool begun = false;
    bool blocked = false;  // it could not go on; tried again when other work is done
    bool held = false;     // of what has not begun: somebody who came before waits for those who have
    // When it was blocked, unless it went on since.
    std::optional<std::chrono::steady_clock::time_point> waiting_since = std::nullopt;
    // Of the inference thread, as is counted among those that share the time; nullopt: it does not share it yet.
    std::optional<Duration> used = std::nullopt;
  };
  using Key = std::pair<protocol::Priority, std::uint64_t>;
  using Queue = std::map<Key, Queued>;

  void run();
  Queue::iterator choose();
  // Lets nobody of that priority begin who came after one that has waited for `turn`, while there are others that go
  // on: it might wait for ever.
  void hold_back(protocol::Priority priority, Duration turn);
  // Of those that share the time the one that used least, unless there is one that is done.
  Queue::iterator choose_sharing();
  // By those that share the time already.
  Duration least_used() const;
  void note_result(Queue::iterator at);
  // How long this work must still wait for its turn; zero or less: not at all.
  Duration time_to_wait(Queue::iterator at) const;

  const Duration quiet_;
  const Turns turns_;
  mutable std::mutex mutex_;  // guards everything below but the thread and most_urgent_
  std::condition_variable wake_;
  Queue queue_;
  std::uint64_t next_number_ = 0;
  std::optional<std::chrono::steady_clock::time_point> last_urgent_;  // the end of a step of anything but idle work
  bool ending_ = false;
  std::atomic<int> most_urgent_{0};  // priority of what came since the step began, or of the step
  std::thread thread_;
};

}  // namespace oc::inference
