// SPDX-License-Identifier: Apache-2.0
// Whatever a command starts is gone when run_command returns. The commands write the ids of their processes to the file
// `ids`; nothing here depends on how fast the machine is.
#ifndef _WIN32
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "sandbox/run_command.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::sandbox {
namespace {

using base::ByteCount;
using base::ShellLine;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using namespace std::chrono_literals;

// A process that says its id and then does nothing for a long time.
constexpr std::string_view k_sleeper = "sh -c 'echo $$ >>ids; exec sleep 1000'";
// The same that no SIGTERM and no SIGHUP ends.
constexpr std::string_view k_stubborn = R"(sh -c 'trap "" TERM HUP; echo $$ >>ids; while :; do sleep 1000; done')";

class NothingLeft : public ::testing::Test {
 protected:
  Outcome run(const std::string& line, std::chrono::milliseconds time = 60s) const {
    RunRequest wanted{ShellLine{line}, scratch_.path()};
    wanted.limits.time = time;
    const auto outcome = run_command(wanted, {});
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome.value_or(Outcome{});
  }
  // A command may only go on when `count` processes have said their id.
  static std::string until_there_are(int count) {
    return "while [ \"$(cat ids 2>/dev/null | wc -l)\" -lt " + std::to_string(count) + " ]; do sleep 0.01; done; ";
  }
  std::vector<std::int64_t> ids() const {
    std::vector<std::int64_t> found;
    const std::string text = base::read_file(scratch_ / "ids", ByteCount(100'000)).value_or("");
    for (const std::string_view line : base::split_lines(text)) found.push_back(std::stoll(std::string(line)));
    return found;
  }
  std::vector<std::int64_t> alive() const {
    std::vector<std::int64_t> left = ids();
    std::erase_if(left, [](std::int64_t id) { return !base::is_process_alive(id); });
    return left;
  }

  base::testing::ScratchFolder scratch_;
};

TEST_F(NothingLeft, OfWhatRunsInTheBackground) {
  const Outcome outcome =
      run(std::string(k_sleeper) + " & " + std::string(k_sleeper) + " & " + until_there_are(2) + "exit 3");
  EXPECT_EQ(outcome.ending, Ending::exited);
  EXPECT_EQ(outcome.code, 3);
  EXPECT_LT(outcome.duration, 60s);  // although they keep the pipe open
  EXPECT_THAT(ids(), SizeIs(2));
  EXPECT_THAT(alive(), IsEmpty());
}

TEST_F(NothingLeft, OfWhatIgnoresBeingAsked) {
  const Outcome outcome = run(std::string(k_stubborn) + " & " + until_there_are(1) + "exit 0");
  EXPECT_TRUE(outcome.is_success());
  EXPECT_THAT(ids(), SizeIs(1));
  EXPECT_THAT(alive(), IsEmpty());
}

TEST_F(NothingLeft, OfAProgramThatIgnoresItsTimeLimit) {
  const Outcome outcome = run("trap '' TERM HUP; echo $$ >>ids; while :; do sleep 1000; done", 200ms);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_THAT(alive(), IsEmpty());
}

TEST_F(NothingLeft, OfAnEndlessPrinter) {
  RunRequest wanted{ShellLine{"echo $$ >>ids; exec yes"}, scratch_.path()};
  wanted.limits.time = 200ms;
  wanted.limits.output = ByteCount(300);
  const auto outcome = run_command(wanted, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::timed_out);
  EXPECT_LE(outcome->output.head.size() + outcome->output.tail.size(), 300u);
  EXPECT_THAT(alive(), IsEmpty());
}

// It is asked before it is killed. On a busy machine it may not get to answer in time, but not every time.
TEST_F(NothingLeft, OfAProgramThatTidiesUp) {
  bool has_tidied_up = false;
  for (int attempt = 0; attempt < 30 && !has_tidied_up; ++attempt) {
    const Outcome outcome = run("trap 'echo tidied up; exit 0' TERM; while :; do sleep 0.01; done", 100ms);
    EXPECT_EQ(outcome.ending, Ending::timed_out);
    has_tidied_up = outcome.output.text().contains("tidied up");
  }
  EXPECT_TRUE(has_tidied_up);
}

#ifdef __linux__

class LeavesItsSession : public NothingLeft {
 protected:
  void SetUp() override {
    if (!base::find_program("setsid")) GTEST_SKIP() << "no setsid";
  }
};

TEST_F(LeavesItsSession, ADaemon) {
  const Outcome outcome = run("setsid " + std::string(k_sleeper) + " & " + until_there_are(1) + "exit 5");
  EXPECT_EQ(outcome.code, 5);
  EXPECT_THAT(ids(), SizeIs(1));
  EXPECT_THAT(alive(), IsEmpty());
}

TEST_F(LeavesItsSession, AStubbornDaemonOfADaemon) {
  const std::string inner = "setsid " + std::string(k_stubborn) + " & ";
  ASSERT_TRUE(base::create_file(scratch_ / "inner", inner + inner + "exit 0\n"));
  const Outcome outcome = run("setsid sh ./inner; " + until_there_are(2) + "exit 0");
  EXPECT_TRUE(outcome.is_success());
  EXPECT_THAT(ids(), SizeIs(2));
  EXPECT_THAT(alive(), IsEmpty());
}

TEST_F(LeavesItsSession, AtTheTimeLimit) {
  const Outcome outcome = run("setsid " + std::string(k_stubborn) + " & wait; sleep 1000", 300ms);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_THAT(alive(), IsEmpty());
}

// Every process starts two more in sessions of their own, until there are some hundred.
TEST_F(LeavesItsSession, ABomb) {
  ASSERT_TRUE(base::create_file(scratch_ / "bomb",
                                "echo $$ >>ids\n[ \"$1\" -gt 6 ] && exec sleep 1000\n"
                                "setsid sh ./bomb $(($1+1)) &\nsetsid sh ./bomb $(($1+1)) &\n"
                                "exec sleep 1000\n"));
  RunRequest wanted{ShellLine{"sh ./bomb 0"}, scratch_.path()};
  wanted.limits.time = 60s;
  wanted.limits.processes = 40;
  const auto outcome = run_command(wanted, {});
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::too_many_processes);
  EXPECT_THAT(alive(), IsEmpty());
}

#endif

// The process between this one and the program can be killed by the program, which then goes, too.
TEST_F(NothingLeft, OfAProgramThatKillsItsKeeper) {
  const Outcome outcome = run("kill -9 $PPID; while :; do echo x >>ticks; sleep 0.01; done");
  EXPECT_EQ(outcome.ending, Ending::signalled);
  const auto size = [&] { return base::read_file(scratch_ / "ticks", ByteCount(1'000'000)).value_or("").size(); };
  std::this_thread::sleep_for(50ms);
  const std::size_t ticks = size();
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(size(), ticks);
}

}  // namespace
}  // namespace oc::sandbox
#endif
