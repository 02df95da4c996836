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
  EXPECT_EQ(scheduler.submit(Priority::batch, [&] { order += 'c'; }).ahead, 1);
  EXPECT_EQ(scheduler.submit(Priority::interactive, [&] { order += 'b'; }).ahead, 1);
  EXPECT_EQ(scheduler.submit(Priority::completion, [&] { order += 'a'; }).ahead, 1);
  EXPECT_EQ(scheduler.submit(Priority::batch, [&] { order += 'd'; }).ahead, 4);
  scheduler.submit(Priority::idle, [&] { done.set_value(); });
  EXPECT_EQ(scheduler.pending(), 6);
  blocked.count_down();
  done.get_future().wait();
  EXPECT_EQ(order, "abcd");
}

TEST(Scheduler, WithdrawsWhatWaitsAndNothingElse) {
  Scheduler scheduler;
  std::latch blocked(1), running(1);
  std::string order;
  std::promise<void> done;
  const auto first = scheduler.submit(Priority::interactive, [&] {
    running.count_down();
    blocked.wait();
  });
  running.wait();
  const auto second = scheduler.submit(Priority::interactive, [&] { order += 'b'; });
  scheduler.submit(Priority::interactive, [&] { order += 'c'; });
  EXPECT_FALSE(scheduler.withdraw(first.number)) << "it runs";
  EXPECT_TRUE(scheduler.withdraw(second.number));
  EXPECT_FALSE(scheduler.withdraw(second.number)) << "it is out already";
  EXPECT_FALSE(scheduler.withdraw(second.number + 1000));
  EXPECT_EQ(scheduler.pending(), 2);
  scheduler.submit(Priority::idle, [&] { done.set_value(); });
  blocked.count_down();
  done.get_future().wait();
  EXPECT_EQ(order, "c");
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
