// SPDX-License-Identifier: Apache-2.0
// Programs of the system that are talked with. Times are limits that only a hanging machine reaches.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "base/clock.hpp"
#include "sandbox/run_command.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::sandbox {
namespace {

using base::ErrorKind;
using base::LimitedDialogue;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

class Dialogue : public ::testing::Test {
 protected:
  RunRequest request(base::CommandWords command) const {
    RunRequest made{std::move(command), scratch_.path()};
    made.limits.time = 60s;
    return made;
  }
  base::Result<LimitedDialogue> start(const RunRequest& wanted) {
    return start_dialogue(
        wanted, cancel_,
        {[this](std::string_view piece) { output_ += piece; }, [this](std::string_view piece) { errors_ += piece; }});
  }
  base::Result<LimitedDialogue> start(const std::string& line) { return start(request(base::ShellLine{line})); }

  static void listen_until(LimitedDialogue& dialogue, const auto& is_enough) {
    const base::Stopwatch watch;
    while (!is_enough() && watch.elapsed_ms() < 30'000 && dialogue.listen()) {}
  }

  base::CancelToken cancel_;
  std::string output_, errors_;
  base::testing::ScratchFolder scratch_;
};

TEST_F(Dialogue, AnswersFollowWhatIsSaid) {
  auto dialogue = start("while read -r line; do echo \"<$line>\"; echo \"!$line\" >&2; done; sleep 60");
  ASSERT_TRUE(dialogue);
  dialogue->say("one\n");
  listen_until(*dialogue, [&] { return output_ == "<one>\n" && errors_ == "!one\n"; });
  EXPECT_EQ(output_, "<one>\n");
  EXPECT_EQ(errors_, "!one\n");
  dialogue->say("two\n");
  listen_until(*dialogue, [&] { return output_ == "<one>\n<two>\n"; });
  EXPECT_EQ(output_, "<one>\n<two>\n");
  const auto exit = dialogue->end();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->ending, Ending::cancelled);
}

TEST_F(Dialogue, ManyBytesBothWaysAtOnceDoNotBlock) {
  auto dialogue = start(request(base::WordList{{"cat"}}));
  ASSERT_TRUE(dialogue);
  const std::string much(5'000'000, 'x');
  dialogue->say(much);
  listen_until(*dialogue, [&] { return output_.size() >= much.size(); });
  EXPECT_EQ(output_, much);
}

TEST_F(Dialogue, TheEndOfTheProgramIsHeardWithAllItPrinted) {
  auto dialogue = start("echo last words; echo why >&2; exit 3");
  ASSERT_TRUE(dialogue);
  listen_until(*dialogue, [] { return false; });
  dialogue->say("nobody reads this\n");
  const auto exit = dialogue->end();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->ending, Ending::exited);
  EXPECT_EQ(exit->code, 3);
  EXPECT_EQ(output_, "last words\n");
  EXPECT_EQ(errors_, "why\n");
}

TEST_F(Dialogue, OneThatNeverReadsIsNoTrouble) {
  auto dialogue = start("exec sleep 1000");
  ASSERT_TRUE(dialogue);
  dialogue->say(std::string(3'000'000, 'x'));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(dialogue->listen());
  EXPECT_TRUE(dialogue->end());
}

TEST_F(Dialogue, LimitsHold) {
  RunRequest wanted = request(base::ShellLine{"trap '' TERM; while :; do sleep 1; done"});
  wanted.limits.time = 300ms;
  auto dialogue = start(wanted);
  ASSERT_TRUE(dialogue);
  const base::Stopwatch watch;
  listen_until(*dialogue, [] { return false; });
  const auto exit = dialogue->end();
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->ending, Ending::timed_out);
  EXPECT_LT(watch.elapsed_ms(), 20'000);
}

TEST_F(Dialogue, CancellingEndsIt) {
  auto dialogue = start("exec sleep 1000");
  ASSERT_TRUE(dialogue);
  cancel_.request();
  listen_until(*dialogue, [] { return false; });
  EXPECT_FALSE(dialogue->listen());
  EXPECT_EQ(dialogue->end()->ending, Ending::cancelled);
}

TEST_F(Dialogue, AMissingProgramIsAnError) {
  const auto dialogue = start(request(base::WordList{{"no-such-program-there-is"}}));
  ASSERT_FALSE(dialogue);
  EXPECT_EQ(dialogue.error().kind, ErrorKind::io);
  EXPECT_THAT(dialogue.error().message, HasSubstr("there is no program 'no-such-program-there-is'"));
}

}  // namespace
}  // namespace oc::sandbox
