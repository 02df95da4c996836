// SPDX-License-Identifier: Apache-2.0
#include "inference/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <future>
#include <latch>
#include <memory>
#include <thread>

namespace oc::inference {
namespace {

using protocol::Priority;
using State = Generation::State;

// So many steps, of which the first `prefill` are prefill; each calls `on_step`.
class Steps final : public Work {
 public:
  using OnStep = std::function<void(const Interrupt&)>;
  explicit Steps(OnStep on_step, int steps = 1, int prefill = 1)
      : on_step_(std::move(on_step)), steps_(steps), prefill_(prefill) {}
  State state() const override {
    if (is_blocked) return State::blocked;
    return steps_ <= 0 ? State::done : prefill_ > 0 ? State::prefill : State::decode;
  }
  bool is_cancelled() const override { return is_cancelled_now; }
  void advance(const Interrupt& interrupt) override {
    on_step_(interrupt);
    if (is_blocked) return;
    --steps_;
    --prefill_;
  }

  void finish() { steps_ = 0; }

  std::atomic<bool> is_cancelled_now{false};
  std::atomic<bool> is_blocked{false};

 private:
  OnStep on_step_;
  std::atomic<int> steps_, prefill_;
};

class SchedulerTest : public testing::Test {
 protected:
  // Holds the inference thread until release(), so that what is submitted meanwhile waits.
  Scheduler::Ticket hold() {
    const auto ticket = submit(Priority::interactive, [this](const Interrupt&) {
      running_.count_down();
      held_.wait();
    });
    running_.wait();
    return ticket;
  }
  void release() { held_.count_down(); }
  Scheduler::Ticket submit(Priority priority, Steps::OnStep on_step, int steps = 1, int prefill = 1) {
    return scheduler_.submit(priority, std::make_shared<Steps>(std::move(on_step), steps, prefill));
  }
  Scheduler::Ticket submit_letter(Priority priority, char letter, int steps = 1, int prefill = 1) {
    return submit(priority, [this, letter](const Interrupt&) { order_ += letter; }, steps, prefill);
  }
  // Not submitted yet.
  std::shared_ptr<Steps> make_blocked(char letter) {
    auto work = std::make_shared<Steps>([this, letter](const Interrupt&) { order_ += letter; });
    work->is_blocked = true;
    return work;
  }
  void wait_for_all() {
    std::promise<void> done;
    submit(Priority::idle, [&](const Interrupt&) { done.set_value(); });
    done.get_future().wait();
  }

  static constexpr Scheduler::Duration k_none = Scheduler::Duration::zero();
  Scheduler scheduler_{k_none, {k_none, k_none}};
  std::latch held_{1}, running_{1};
  std::string order_;
};

TEST_F(SchedulerTest, RunsByPriorityThenByArrival) {
  hold();
  EXPECT_EQ(submit_letter(Priority::batch, 'c').ahead, 1);
  EXPECT_EQ(submit_letter(Priority::interactive, 'b').ahead, 1);
  EXPECT_EQ(submit_letter(Priority::completion, 'a').ahead, 0) << "it goes before what runs, too";
  EXPECT_EQ(submit_letter(Priority::batch, 'd').ahead, 4);
  EXPECT_EQ(scheduler_.pending(), 5);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "abcd");
}

TEST(SchedulerQuiet, WorkOfNoUrgencyWaitsUntilNobodyHasAskedForAWhile) {
  Scheduler scheduler(std::chrono::hours(1));
  const auto run = [&scheduler](Priority priority, const Steps::OnStep& on_step) {
    std::promise<void> done;
    const auto begun = scheduler.submit(priority, std::make_shared<Steps>([&](const Interrupt& interrupt) {
                                          on_step(interrupt);
                                          done.set_value();
                                        }));
    done.get_future().wait();
    return begun;
  };
  const auto nothing = [](const Interrupt&) {};
  run(Priority::idle, nothing);  // at once where nobody has asked
  run(Priority::completion, nothing);
  std::atomic<bool> has_begun{false};
  const auto idle = std::make_shared<Steps>([&](const Interrupt&) { has_begun = true; });
  const auto waiting = scheduler.submit(Priority::idle, idle);
  run(Priority::batch, nothing);
  run(Priority::completion, nothing);
  EXPECT_FALSE(has_begun);
  // Cancelled it ends at once; what has not begun can be taken back.
  EXPECT_TRUE(scheduler.withdraw(waiting.number));
  run(Priority::batch, nothing);
  EXPECT_FALSE(has_begun);
}

TEST(SchedulerQuiet, ThenItRuns) {
  Scheduler scheduler(std::chrono::milliseconds(1));
  std::promise<void> done;
  scheduler.submit(Priority::interactive, std::make_shared<Steps>([](const Interrupt&) {}));
  scheduler.submit(Priority::idle, std::make_shared<Steps>([&](const Interrupt&) { done.set_value(); }));
  done.get_future().wait();
}

TEST_F(SchedulerTest, WhatIsUrgentComesBetweenTheSteps) {
  hold();
  submit(
      Priority::interactive,
      [this](const Interrupt&) {
        order_ += 'l';
        if (order_ == "l") submit_letter(Priority::completion, 'u');
      },
      3);
  submit_letter(Priority::interactive, 'n');
  release();
  wait_for_all();
  EXPECT_EQ(order_, "lunll");
}

TEST_F(SchedulerTest, TellsARunningStepThatSomethingUrgentWaits) {
  std::latch running(1);
  std::atomic<bool> was_interrupted{false};
  submit(Priority::idle, [&](const Interrupt& interrupt) {
    EXPECT_FALSE(interrupt());
    running.count_down();
    while (!interrupt()) std::this_thread::yield();
    was_interrupted = true;
  });
  running.wait();
  submit_letter(Priority::idle, 'i');
  submit_letter(Priority::batch, 'b');
  wait_for_all();
  EXPECT_TRUE(was_interrupted);
  EXPECT_EQ(order_, "bi");
}

// Steps of 5 ms, so that what a busy machine adds to one of them does not turn the order.
TEST_F(SchedulerTest, EqualsShareTheTime) {
  const auto slow = [this](char letter) {
    return [this, letter](const Interrupt&) {
      order_ += letter;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    };
  };
  hold();
  submit(Priority::interactive, slow('a'), 12);
  submit(Priority::interactive, slow('b'), 12);
  submit(Priority::completion, [&](const Interrupt&) { order_ += 'u'; }, 1);
  release();
  wait_for_all();
  ASSERT_EQ(order_.size(), 25u);
  EXPECT_EQ(order_.substr(0, 3), "uab");
  EXPECT_NE(order_.find("ba"), std::string::npos) << order_;
  EXPECT_LT(order_.find('b', 2), order_.rfind('a'));
}

TEST_F(SchedulerTest, WhoComesLaterDoesNotTakeWhatOthersUsedBefore) {
  const auto slow = [this](char letter) {
    order_ += letter;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  hold();
  submit(
      Priority::interactive,
      [&, steps = 0](const Interrupt&) mutable {
        slow('a');
        if (++steps == 10) submit(Priority::interactive, [&](const Interrupt&) { slow('b'); }, 10);
      },
      20);
  release();
  wait_for_all();
  EXPECT_EQ(order_.substr(0, 10), std::string(10, 'a'));
  EXPECT_NE(order_.substr(10, 8), std::string(8, 'b')) << "ten, had it the time that the first one used alone";
  EXPECT_LT(order_.find('b'), 14u) << order_;
}

TEST_F(SchedulerTest, CompletionsComeOneAfterTheOther) {
  hold();
  submit_letter(Priority::completion, 'a', 3);
  submit_letter(Priority::completion, 'b', 3);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "aaabbb");
}

TEST_F(SchedulerTest, OnlyAFewShareTheTimeAtOnce) {
  hold();
  constexpr int k_steps = 3;
  for (int i = 0; i < Scheduler::k_sharing + 2; ++i)
    submit_letter(Priority::interactive, static_cast<char>('a' + i), k_steps);
  release();
  wait_for_all();
  const std::size_t begun = order_.find(static_cast<char>('a' + Scheduler::k_sharing));
  const std::string before = order_.substr(0, begun);
  EXPECT_GE(before.size(), std::size_t{k_steps});
  bool is_one_done = false;
  for (int i = 0; i < Scheduler::k_sharing; ++i)
    is_one_done |= std::ranges::count(before, static_cast<char>('a' + i)) == k_steps;
  EXPECT_TRUE(is_one_done) << order_;
}

// What two have in common is done by a step of one of them.
TEST_F(SchedulerTest, WhatIsDoneByAnotherOnesStepEndsNext) {
  hold();
  auto other = std::make_shared<Steps>([this](const Interrupt&) { order_ += 'o'; }, 3);
  submit(
      Priority::interactive,
      [&, other](const Interrupt&) {
        order_ += 'a';
        other->finish();
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      },
      3);
  scheduler_.submit(Priority::interactive, other);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "aoaa");
}

TEST_F(SchedulerTest, ABatchReadsAllPromptsBeforeItAnswers) {
  hold();
  submit_letter(Priority::batch, 'a', 4, 2);
  submit_letter(Priority::batch, 'b', 3, 1);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "aabaabb");
}

TEST_F(SchedulerTest, BlockedWorkLetsOthersPassAndGoesOnWhenOneIsDone) {
  hold();
  const auto blocked = make_blocked('x');
  scheduler_.submit(Priority::completion, blocked);
  submit(Priority::batch, [&, blocked](const Interrupt&) {
    order_ += 'b';
    blocked->is_blocked = false;
  });
  release();
  wait_for_all();
  EXPECT_EQ(order_, "xbx");
}

// Who comes later would hold what somebody waits for, and whoever comes after that one, and so on for ever.
TEST_F(SchedulerTest, NobodyBeginsBeforeAnEqualThatWaits) {
  hold();
  const auto waiting = make_blocked('w');
  submit(
      Priority::interactive,
      [&, steps = 0](const Interrupt&) mutable {
        order_ += 'a';
        if (++steps == 1) submit_letter(Priority::interactive, 'n', 2);
        if (steps == 3) waiting->is_blocked = false;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      },
      3);
  scheduler_.submit(Priority::interactive, waiting);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "awaawnn");
}

TEST_F(SchedulerTest, WhoHasBegunGoesOnBesideOneThatWaits) {
  hold();
  const auto waiting = make_blocked('w');
  submit(
      Priority::batch,
      [&, steps = 0](const Interrupt&) mutable {
        order_ += 'a';
        if (++steps == 2) waiting->is_blocked = false;
      },
      3, 1);
  submit_letter(Priority::batch, 'b', 3, 1);
  scheduler_.submit(Priority::batch, waiting);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "abwaawbb");
}

TEST_F(SchedulerTest, WhereNobodyGoesOnOthersBegin) {
  hold();
  auto waiting = std::make_shared<Steps>([](const Interrupt&) {});
  waiting->is_blocked = true;
  scheduler_.submit(Priority::interactive, waiting);
  submit(Priority::interactive, [&](const Interrupt&) {
    order_ += 'n';
    waiting->is_blocked = false;
  });
  release();
  wait_for_all();
  EXPECT_EQ(order_, "n");
}

TEST(SchedulerTurns, ForAWhileOthersBegin) {
  for (const Priority priority : {Priority::interactive, Priority::batch}) {
    Scheduler scheduler(Scheduler::Duration::zero(), {std::chrono::hours(1), std::chrono::hours(1)});
    std::string order;
    auto waiting = std::make_shared<Steps>([&](const Interrupt&) { order += 'w'; });
    waiting->is_blocked = true;
    std::latch submitted(1);
    std::promise<void> done;
    const auto go_on = [&](const Interrupt&) {
      submitted.wait();
      order += 'a';
      if (std::ranges::count(order, 'a') == 3) waiting->is_blocked = false;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
    scheduler.submit(priority, std::make_shared<Steps>(go_on, 3));
    scheduler.submit(priority, waiting);
    scheduler.submit(priority, std::make_shared<Steps>([&](const Interrupt&) { order += 'n'; }));
    scheduler.submit(Priority::idle, std::make_shared<Steps>([&](const Interrupt&) { done.set_value(); }));
    submitted.count_down();
    done.get_future().wait();
    EXPECT_LT(order.find('n'), order.rfind('a')) << order;
  }
}

TEST_F(SchedulerTest, CancelledWorkEndsFirst) {
  hold();
  submit_letter(Priority::completion, 'a');
  auto cancelled = std::make_shared<Steps>([this](const Interrupt&) { order_ += 'c'; });
  cancelled->is_cancelled_now = true;
  scheduler_.submit(Priority::idle, cancelled);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "ca");
}

TEST_F(SchedulerTest, WithdrawsWhatWaitsAndNothingElse) {
  const auto first = hold();
  const auto second = submit_letter(Priority::interactive, 'b');
  submit_letter(Priority::interactive, 'c');
  EXPECT_FALSE(scheduler_.withdraw(first.number)) << "it runs";
  EXPECT_TRUE(scheduler_.withdraw(second.number));
  EXPECT_FALSE(scheduler_.withdraw(second.number)) << "it is out already";
  EXPECT_FALSE(scheduler_.withdraw(second.number + 1000));
  EXPECT_EQ(scheduler_.pending(), 2);
  release();
  wait_for_all();
  EXPECT_EQ(order_, "c");
}

TEST(Scheduler, DropsWaitingWorkWhenItEnds) {
  std::atomic<bool> ran{false}, release{false};
  auto scheduler = std::make_unique<Scheduler>();
  std::latch running(1);
  scheduler->submit(Priority::interactive, std::make_shared<Steps>([&](const Interrupt&) {
                      running.count_down();
                      release.wait(false);
                    }));
  running.wait();
  scheduler->submit(Priority::idle, std::make_shared<Steps>([&](const Interrupt&) { ran = true; }));
  std::thread ending([owned = std::move(scheduler)]() mutable { owned.reset(); });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // it waits for the step now
  release = true;
  release.notify_all();
  ending.join();
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace oc::inference
