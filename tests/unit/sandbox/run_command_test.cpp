// SPDX-License-Identifier: Apache-2.0
// Real programs of the system. Times are limits that only a hanging machine reaches: nothing here depends on how fast
// it is.
#include "sandbox/run_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/system.hpp"
#include "base/user_folders.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::sandbox {
namespace {

using base::ByteCount;
using base::ErrorKind;
using base::ShellLine;
using base::WordList;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

class RunCommand : public ::testing::Test {
 protected:
  // Nothing here takes so long: a command that reaches it hangs.
  static constexpr auto k_patience = 60s;

  RunRequest request(base::CommandWords command) const {
    RunRequest made{std::move(command), scratch_.path()};
    made.limits.time = k_patience;
    return made;
  }
  Outcome run(const RunRequest& wanted) const {
    const auto outcome = run_command(wanted, {});
    EXPECT_TRUE(outcome) << (outcome ? "" : outcome.error().message);
    return outcome.value_or(Outcome{});
  }
  Outcome run(const std::string& line) const { return run(request(ShellLine{line})); }

  base::testing::ScratchFolder scratch_;
};

TEST_F(RunCommand, TellsTheExitCode) {
  EXPECT_TRUE(run("exit 0").is_success());
  for (const int code : {1, 3, 127, 255}) {
    const Outcome outcome = run("exit " + std::to_string(code));
    EXPECT_EQ(outcome.ending, Ending::exited);
    EXPECT_EQ(outcome.code, code);
    EXPECT_FALSE(outcome.is_success());
    EXPECT_EQ(to_words(outcome, {}), "exit code " + std::to_string(code));
  }
}

TEST_F(RunCommand, AMissingProgramIsAnOutcome) {
  const Outcome outcome = run(request(WordList{{"no-such-program-there-is", "x"}}));
  EXPECT_EQ(outcome.ending, Ending::not_started);
  EXPECT_THAT(to_words(outcome, {}), HasSubstr("there is no program 'no-such-program-there-is' on the PATH"));
  EXPECT_EQ(run(request(WordList{{"./nothing"}})).ending, Ending::not_started);
  EXPECT_EQ(run(request(WordList{{""}})).ending, Ending::not_started);
  EXPECT_EQ(run(request(WordList{})).ending, Ending::not_started);
  EXPECT_EQ(run(request(WordList{{"ls", std::string("a\0b", 3)}})).ending, Ending::not_started);
}

TEST_F(RunCommand, AMissingFolderIsAnError) {
  RunRequest wanted = request(ShellLine{"exit 0"});
  wanted.folder = scratch_ / "nothing";
  const auto outcome = run_command(wanted, {});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().kind, ErrorKind::io);
  EXPECT_THAT(outcome.error().message, HasSubstr("cannot run a command in "));
}

TEST_F(RunCommand, EndsAtItsTime) {
#ifdef _WIN32
  RunRequest wanted = request(ShellLine{"ping -n 1000 127.0.0.1"});
#else
  RunRequest wanted = request(WordList{{"sleep", "1000"}});
#endif
  wanted.limits.time = 100ms;
  const Outcome outcome = run(wanted);
  EXPECT_EQ(outcome.ending, Ending::timed_out);
  EXPECT_GE(outcome.duration, 100ms);
  EXPECT_EQ(to_words(outcome, wanted.limits), "stopped after 0.1 s, the limit");
}

TEST_F(RunCommand, EndsWhenCancelled) {
  const base::CancelToken cancel;
  std::string seen;
#ifdef _WIN32
  const RunRequest wanted = request(ShellLine{"echo ready& ping -n 1000 127.0.0.1"});
#else
  const RunRequest wanted = request(ShellLine{"echo ready; sleep 1000"});
#endif
  const auto outcome = run_command(wanted, cancel, [&](std::string_view piece) {
    seen += piece;
    cancel.request();
  });
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->ending, Ending::cancelled);
  EXPECT_THAT(seen, HasSubstr("ready"));
  EXPECT_THAT(outcome->output.text(), HasSubstr("ready"));
}

TEST_F(RunCommand, SeesOfTheEnvironmentWhatIsAllowed) {
  base::set_environment_variable("OC_TEST_CANARY", "canary-7431");
  base::set_environment_variable("OC_TEST_ASKED_FOR", "known-8124");
#ifdef _WIN32
  RunRequest wanted = request(ShellLine{"set"});
#else
  RunRequest wanted = request(WordList{{"env"}});
#endif
  wanted.more_environment = {"OC_TEST_ASKED_*"};
  const std::string text = run(wanted).output.text();
  EXPECT_THAT(text, Not(HasSubstr("canary-7431")));
  EXPECT_THAT(text, HasSubstr("OC_TEST_ASKED_FOR=known-8124"));
  EXPECT_THAT(text, HasSubstr("NO_COLOR=1"));
  EXPECT_THAT(text, HasSubstr("PATH="));
}

TEST_F(RunCommand, RunsInItsFolder) {
  ASSERT_TRUE(base::make_folder(scratch_ / "in here"));
  RunRequest wanted = request(ShellLine{"echo x> made"});
  wanted.folder = scratch_ / "in here";
  EXPECT_TRUE(run(wanted).is_success());
  EXPECT_TRUE(std::filesystem::exists(wanted.folder / "made"));
}

#ifndef _WIN32

TEST_F(RunCommand, TellsTheSignal) {
  const Outcome outcome = run("kill -SEGV $$");
  EXPECT_EQ(outcome.ending, Ending::signalled);
  EXPECT_EQ(outcome.signal, "SIGSEGV");
  EXPECT_EQ(to_words(outcome, {}), "killed by SIGSEGV");
  EXPECT_EQ(run("kill -TERM $$").signal, "SIGTERM");
  EXPECT_EQ(run("kill -PIPE $$").signal, "SIGPIPE");  // ignored here, not there
}

TEST_F(RunCommand, ArgumentsGoThroughAsTheyAre) {
  const Outcome outcome = run(request(WordList{{"printf", "[%s]", "", "a b", "$HOME", "*", "'", "\"", "\\n", "é\n"}}));
  EXPECT_EQ(outcome.output.text(), "[][a b][$HOME][*]['][\"][\\n][é\n]");
}

TEST_F(RunCommand, AProgramWithAFolderInItsNameStartsAtItsOwnFolder) {
  ASSERT_TRUE(base::create_file(scratch_ / "tool", "#!/bin/sh\necho here\n"));
  const Outcome refused = run(request(WordList{{"./tool"}}));
  EXPECT_EQ(refused.ending, Ending::not_started);
  EXPECT_THAT(refused.problem, HasSubstr("Permission denied"));
  std::filesystem::permissions(scratch_ / "tool", std::filesystem::perms::owner_all);
  EXPECT_EQ(run(request(WordList{{"./tool"}})).output.text(), "here\n");
  EXPECT_EQ(run(request(WordList{{"tool"}})).ending, Ending::not_started);
}

TEST_F(RunCommand, BothOutputsComeInOrder) {
  EXPECT_EQ(run("echo 1; echo 2 >&2; echo 3; echo 4 >&2").output.text(), "1\n2\n3\n4\n");
}

TEST_F(RunCommand, InputIsEmptyOrWhatIsGiven) {
  EXPECT_EQ(run("wc -c | tr -d ' '").output.text(), "0\n");
  RunRequest wanted = request(ShellLine{"wc -c | tr -d ' '"});
  wanted.input.assign(3'000'000, 'x');
  EXPECT_EQ(run(wanted).output.text(), "3000000\n");
  wanted.command = ShellLine{"exit 4"};  // does not read it
  EXPECT_EQ(run(wanted).code, 4);
}

TEST_F(RunCommand, HasNoTerminal) {
  const std::string text = run("for fd in 0 1 2; do test -t $fd && echo $fd; done; if ( : </dev/tty ) 2>/dev/null; "
                               "then echo one; fi; echo .")
                               .output.text();
  EXPECT_EQ(text, ".\n");
}

TEST_F(RunCommand, AGigabyteOfOutputTakesNoMemory) {
  const ByteCount before = base::resident_memory();
  RunRequest wanted = request(ShellLine{"echo first; head -c 1000000000 /dev/zero; echo; echo last"});
  wanted.limits.output = ByteCount(3000);
  std::int64_t seen = 0;
  const auto outcome =
      run_command(wanted, {}, [&](std::string_view piece) { seen += static_cast<std::int64_t>(piece.size()); });
  ASSERT_TRUE(outcome);
  EXPECT_EQ(seen, 1'000'000'012);
  EXPECT_EQ(outcome->output.head.substr(0, 6), "first\n");
  EXPECT_TRUE(outcome->output.tail.ends_with("\nlast\n") || outcome->output.tail == "last\n");
  EXPECT_GT(outcome->output.dropped, ByteCount(999'990'000));
  EXPECT_LT((base::resident_memory() - before).value, 50'000'000);
}

TEST_F(RunCommand, ItsFilesStayBelowTheLimit) {
  RunRequest wanted = request(ShellLine{"head -c 1000000 /dev/zero >big; echo went on"});
  wanted.limits.file_size = ByteCount(100'000);
  EXPECT_THAT(run(wanted).output.text(), HasSubstr("went on"));
  EXPECT_EQ(std::filesystem::file_size(scratch_ / "big"), 100'000u);
}

#endif
#ifdef __linux__

TEST_F(RunCommand, InheritsNothingThatIsOpen) {
  using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  std::vector<File> open;
  for (int i = 0; i < 30; ++i)
    ASSERT_TRUE(open.emplace_back(std::fopen((scratch_ / "open").c_str(), "w"), &std::fclose));
  // The fourth is the folder that is listed.
  EXPECT_EQ(run(request(WordList{{"ls", "/proc/self/fd"}})).output.text(), "0\n1\n2\n3\n");
}

TEST_F(RunCommand, EndsWhenItTakesTooMuchMemory) {
  RunRequest wanted = request(ShellLine{"(head -c 200000000 /dev/zero; sleep 1000) | tail -c 200000000"});
  wanted.limits.memory = ByteCount(50'000'000);
  const Outcome outcome = run(wanted);
  EXPECT_EQ(outcome.ending, Ending::too_much_memory);
  EXPECT_EQ(to_words(outcome, wanted.limits), "stopped: it used more than 50.0 MB of memory, the limit");
}

TEST_F(RunCommand, EndsWhenItHasTooManyProcesses) {
  RunRequest wanted = request(ShellLine{"i=0; while [ $i -lt 60 ]; do sleep 1000 & i=$((i+1)); done; wait"});
  wanted.limits.processes = 20;
  const Outcome outcome = run(wanted);
  EXPECT_EQ(outcome.ending, Ending::too_many_processes);
  EXPECT_EQ(to_words(outcome, wanted.limits), "stopped: it had more than 20 processes at once, the limit");
}

#endif

}  // namespace
}  // namespace oc::sandbox
