// SPDX-License-Identifier: Apache-2.0
// What the engine does for its clients: one Client object for each connection, one shelf, one scheduler.
// Requests are answered in the order in which the inference thread gets to them; status, cancel and hello at once.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/cancel.hpp"
#include "base/clock.hpp"
#include "base/system.hpp"
#include "inference/model_shelf.hpp"
#include "inference/scheduler.hpp"
#include "kv/store.hpp"
#include "protocol/messages.hpp"

namespace oc::server {

// Where a client's replies go. Called from the inference thread and from the client's own; must not throw, must be safe
// from both at once, and must not block for long.
using ReplySink = std::function<void(const protocol::Reply&)>;

class Engine {
 public:
  struct Options {
    inference::ModelShelf::Options shelf;
    kv::Store::Options kv;
    double idle_seconds = 1800;
    // What a calibration chose makes what was computed before it worthless. It takes effect at once where that is
    // computed again in no more than this time, else when nobody asked for anything for so long, or with the next
    // start.
    double again_ms = 10'000, quiet_seconds = 300;
    inference::Scheduler::Turns turns;
    protocol::HelloReply hello;
    std::function<bool()> is_on_battery = base::is_on_battery;
  };
  explicit Engine(Options options);

  // One connection's requests. Destroying it cancels what it asked for.
  class Client {
   public:
    Client(Engine& engine, ReplySink sink);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    // `bytes`: of memory that the request keeps until it is done, about.
    void handle(const protocol::Request& request, std::int64_t bytes = 0);

   private:
    friend class Engine;
    struct Shared;  // outlives the client in the jobs it queued
    void submit(const protocol::Request& request, std::int64_t bytes);
    // Too much of this client, or of all, is unfinished. Under the lock of shared_.
    std::optional<base::Error> find_excess(std::int64_t bytes) const;
    void cancel(std::uint64_t request);
    Engine& engine_;
    std::shared_ptr<Shared> shared_;
  };

  // Set when a client asked for the end or nothing was asked for idle_seconds.
  bool is_finished() const;
  // To be called now and then, by the thread that looks at is_finished(): begins what waits for a quiet time.
  void note_time();
  // Cancels everything that runs or waits.
  void cancel_all();

 private:
  class Job;
  protocol::StatusReply status() const;
  void touch();
  // A job is done: inference thread only.
  void note_end(std::uint64_t job);
  void calibrate_when_idle();
  // After a calibration: the model is loaded as it chose, and the last question's prompt read again in idle time.
  void take_choice(const protocol::ModelReference& reference);
  bool is_quiet() const { return uptime_.elapsed_ms() - last_asked_ms_ > options_.quiet_seconds * 1000; }
  // Work that no client waits for. What waits, or is at work, about the same subject is dropped, unless it is the very
  // same. At most k_most_later pieces wait: one more, and the oldest is dropped, since what was asked for last is what
  // somebody works on.
  void submit_for_later(const protocol::Request& request, std::int64_t bytes = 0);
  // A completion was made of what was computed for another prompt: the same is computed exactly, for the next
  // keystroke. Only of the newest one; dropped are those before. Not on battery.
  void improve_later(const protocol::Generate& completion);
  struct Later {
    std::uint64_t ticket = 0;  // the scheduler's
    std::weak_ptr<Job> job;
  };
  Later queue_later(const protocol::Request& request, std::int64_t bytes = 0);
  // Takes what is older about the subject of `wanted` out; true: it is the same prompt, and stays.
  bool replace_subject(const protocol::Generate& wanted);
  void drop(const Later& later);
  void drop_oldest_later();
  void forget(std::uint64_t job);
  // Looks at it now and then: it is asked at each step of work.
  bool is_on_battery();

  Options options_;
  base::Stopwatch uptime_;
  std::atomic<double> last_use_ms_{0};
  std::atomic<double> last_asked_ms_{0};  // by a client
  std::atomic<bool> shutdown_{false};
  std::atomic<int> clients_{0};
  std::atomic<std::int64_t> request_bytes_{0};  // of all jobs there are
  mutable std::mutex mutex_;                    // guards status_, running_, waiting_later_ and waits_for_quiet_
  protocol::StatusReply status_;
  std::map<std::uint64_t, base::CancelToken> running_;  // every queued job's token, by a number of its own
  std::uint64_t next_job_ = 1;
  static constexpr std::size_t k_most_later = 32;
  std::deque<Later> waiting_later_;              // oldest first; some are done. Guarded by mutex_
  base::CancelToken later_;                      // of all that runs for nobody; set once, at the end
  Later improving_;                              // inference thread only
  bool was_on_battery_ = false;                  // inference thread only
  std::optional<base::Stopwatch> battery_seen_;  // since when was_on_battery_ is known; inference thread only
  protocol::ModelReference calibrated_;          // the last one that was asked for; inference thread only
  protocol::ModelReference reloaded_;            // the last one that was, as chosen; inference thread only
  std::optional<protocol::ModelReference> waits_for_quiet_;  // to be loaded as chosen. Guarded by mutex_
  std::optional<protocol::Generate> last_question_;          // inference thread only
  kv::Store kv_;                                             // inference thread only
  inference::ModelShelf shelf_;                              // inference thread only
  inference::Scheduler scheduler_;                           // last: its thread ends before what it uses
};

}  // namespace oc::server
