// SPDX-License-Identifier: Apache-2.0
#include "tasks/project_checks.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::tasks {
namespace {

using base::ByteCount;
using base::ErrorKind;
using sandbox::CommandOrigin;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using Strings = std::vector<std::string>;

class ProjectChecks : public ::testing::Test {
 protected:
  CheckPlan plan(const Strings& lines, CommandOrigin origin = CommandOrigin::user) const {
    CheckOptions options;
    options.workspace = scratch_.path();
    options.lines = lines;
    options.origin = origin;
    options.source = "config.yaml:3";
    options.state_folder = scratch_ / "state";
    auto made = make_check_plan(options);
    EXPECT_TRUE(made) << (made ? "" : made.error().message);
    return made.value_or(CheckPlan{});
  }
  static CheckReport run(const CheckPlan& plan, const CheckEventSink& sink = {}) {
    auto report = run_checks(plan, {}, sink);
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    return report.value_or(CheckReport{});
  }

  base::testing::ScratchFolder scratch_;
};

TEST_F(ProjectChecks, NoneAtAllPass) {
  EXPECT_TRUE(plan({}).is_empty());
  EXPECT_TRUE(plan({}, CommandOrigin::project).is_trusted());
  const CheckReport report = run(plan({}));
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(diagnostics_text(report, ByteCount(1000)), "");
}

TEST_F(ProjectChecks, AllRunWhateverTheOnesBeforeSay) {
  const CheckReport report = run(plan({"sh: exit 3", "sh: echo fine", "no-such-program-there-is"}));
  ASSERT_EQ(report.results.size(), 3u);
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.failure_count(), 2u);
  EXPECT_FALSE(report.results[0].passed());
  EXPECT_EQ(report.results[0].ending, "exit code 3");
  EXPECT_TRUE(report.results[1].passed());
  EXPECT_THAT(report.results[1].outcome.output.head, HasSubstr("fine"));
  EXPECT_EQ(report.results[2].outcome.ending, sandbox::Ending::not_started);
}

TEST_F(ProjectChecks, ALineThatIsNoCommandNamesItsPlace) {
  CheckOptions options;
  options.lines = {"make", "make && test"};
  options.source = "config.yaml:3";
  options.state_folder = scratch_ / "state";
  const auto made = make_check_plan(options);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::configuration);
  EXPECT_EQ(made.error().message,
            "'config.yaml:3': 'check.commands': 'make && test' is no command: '&' means something to a shell only");
}

TEST_F(ProjectChecks, WhatTheProjectNamesRunsOnlyAfterAYes) {
  const Strings lines{"sh: echo x> made", "sh: exit 0"};
  CheckPlan unknown = plan(lines, CommandOrigin::project);
  EXPECT_FALSE(unknown.is_trusted());
  const auto refused = run_checks(unknown, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::denied);
  EXPECT_EQ(refused.error().message,
            "'config.yaml:3' names the command 'sh: echo x> made', which you have not confirmed");
  EXPECT_THAT(refused.error().hint, HasSubstr("offline-coder check --trust"));
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "made"));

  ASSERT_TRUE(trust_commands(unknown));
  EXPECT_TRUE(unknown.is_trusted());
  EXPECT_TRUE(run(plan(lines, CommandOrigin::project)).passed());
  EXPECT_TRUE(std::filesystem::exists(scratch_ / "made"));
}

TEST_F(ProjectChecks, AChangedCommandAsksAgain) {
  CheckPlan first = plan({"sh: exit 0", "ls"}, CommandOrigin::project);
  ASSERT_TRUE(trust_commands(first));
  const CheckPlan changed = plan({"ls",
                                  "sh: exit 0 "
                                  "#"},
                                 CommandOrigin::project);
  EXPECT_TRUE(changed.commands[0].is_trusted);
  EXPECT_FALSE(changed.commands[1].is_trusted);
  EXPECT_FALSE(require_trust(changed));
  EXPECT_FALSE(run_checks(changed, {}));
}

TEST_F(ProjectChecks, TellsWhatHappens) {
  Strings seen;
  (void)run(plan({"sh: echo one", "sh: exit 2"}), [&](const CheckEvent& event) {
    if (const auto* started = std::get_if<CheckStarted>(&event))
      seen.push_back(std::to_string(started->number) + "/" + std::to_string(started->total) + " " + started->shown);
    if (const auto* output = std::get_if<CheckOutput>(&event)) seen.emplace_back(output->bytes.substr(0, 3));
    if (const auto* ended = std::get_if<CheckEnded>(&event)) seen.push_back(ended->result.ending);
  });
  EXPECT_THAT(seen, ElementsAre("1/2 sh: echo one", "one", "exit code 0", "2/2 sh: exit 2", "exit code 2"));
}

TEST_F(ProjectChecks, IsCancelled) {
  const base::CancelToken cancel;
  const auto report = run_checks(plan({"sh: echo one", "sh: echo x> made"}), cancel, [&](const CheckEvent& event) {
    if (std::holds_alternative<CheckEnded>(event)) cancel.request();
  });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().kind, ErrorKind::cancelled);
  EXPECT_FALSE(std::filesystem::exists(scratch_ / "made"));
}

CheckResult failed(const std::string& shown, const std::string& output) {
  CheckResult result{shown, {}, "exit code 1"};
  result.outcome.code = 1;
  result.outcome.output.head = output;
  return result;
}

TEST(DiagnosticsText, IsAboutTheFailures) {
  CheckResult fine = failed("make", "all is well\n");
  fine.outcome.code = 0;
  const CheckReport report{{fine, failed("lint", "a.py:1: bad\n"), failed("test", "FAILED x\n")}};
  EXPECT_EQ(diagnostics_text(report, ByteCount(1000)),
            "$ lint\na.py:1: bad\n(exit code 1)\n\n$ test\nFAILED x\n(exit code 1)\n");
}

TEST(DiagnosticsText, EachFailureGetsItsShare) {
  std::string many;
  for (int i = 0; i < 1000; ++i) many += "error number " + std::to_string(i) + "\n";
  const CheckReport report{{failed("lint", many), failed("test", "FAILED x\n")}};
  for (std::int64_t budget = 0; budget < 500; ++budget)
    EXPECT_LE(diagnostics_text(report, ByteCount(budget)).size(), static_cast<std::size_t>(budget));
  EXPECT_THAT(diagnostics_text(report, ByteCount(300)), HasSubstr("$ test\nFAILED x\n(exit code 1)\n"));
  EXPECT_THAT(diagnostics_text(report, ByteCount(300)), HasSubstr("$ lint\nerror number 0\n"));
}

}  // namespace
}  // namespace oc::tasks
