// SPDX-License-Identifier: Apache-2.0
#include "inference/scheduler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>
#include <memory>
#include <thread>

namespace oc::inference {
namespace {

using protocol::Priority;

TEST(Scheduler, RunsByPriorityThenByArrival) {
  Scheduler scheduler;
  std::latch blocked(1), running(1);
  std::string order;
  std::promise<void> done;
  scheduler.submit(Priority::interactive, [&] {
    running.count_down();
    blocked.wait();
  });
  running.wait();
  EXPECT_EQ(scheduler.submit(Priority::batch, [&] { order += 'c'; }), 1);
  EXPECT_EQ(scheduler.submit(Priority::interactive, [&] { order += 'b'; }), 1);
  EXPECT_EQ(scheduler.submit(Priority::completion, [&] { order += 'a'; }), 1);
  EXPECT_EQ(scheduler.submit(Priority::batch, [&] { order += 'd'; }), 4);
  scheduler.submit(Priority::idle, [&] { done.set_value(); });
  EXPECT_EQ(scheduler.pending(), 6);
  blocked.count_down();
  done.get_future().wait();
  EXPECT_EQ(order, "abcd");
}

TEST(Scheduler, DropsWaitingJobsWhenItEnds) {
  std::atomic<bool> ran{false}, release{false};
  auto scheduler = std::make_unique<Scheduler>();
  std::latch running(1);
  scheduler->submit(Priority::interactive, [&] {
    running.count_down();
    release.wait(false);
  });
  running.wait();
  scheduler->submit(Priority::idle, [&] { ran = true; });
  Scheduler* const raw = scheduler.get();
  std::thread ending([owned = std::move(scheduler)]() mutable { owned.reset(); });
  while (raw->pending() > 1) std::this_thread::yield();  // the queue is cleared first, then the job is awaited
  release = true;
  release.notify_all();
  ending.join();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace oc::inference
