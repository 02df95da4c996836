// SPDX-License-Identifier: Apache-2.0
// The programs that are run here are this test program itself: with "--as=ROLE" it plays a role instead of testing.
#include "base/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "base/terminal.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::ScratchFolder;
using namespace std::chrono_literals;

constexpr ByteCount k_plenty{1 << 20};

[[noreturn]] void leave(int code) {
  std::fflush(nullptr);
  std::_Exit(code);
}

// --as=echo WORD… | exit CODE | sleep MS FILE (its process id goes there) | print COUNT | read | die | tick FILE
void play(const std::string& role, const std::vector<std::string>& words) {
  prepare_standard_streams();
  if (role == "echo")
    for (const std::string& word : words) std::printf("[%s]", word.c_str());
  if (role == "exit") leave(std::atoi(words.at(0).c_str()));
  if (role == "sleep") {
    if (words.size() > 1) (void)replace_file(path_from_utf8(words[1]), std::to_string(current_process_id()));
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(words.at(0).c_str())));
  }
  if (role == "tick")
    for (int i = 0; i < 2000; ++i, std::this_thread::sleep_for(10ms))
      std::ofstream(path_from_utf8(words.at(0)), std::ios::app) << "x";
  if (role == "print")
    for (int i = 0; i < std::atoi(words.at(0).c_str()); ++i) std::fputs("0123456789", i % 2 == 0 ? stdout : stderr);
  if (role == "read") std::printf("[%zu]", read_standard_input(k_plenty).value_or("?").size());
  if (role == "die") std::abort();
  leave(0);
}

class PlayRole : public ::testing::Environment {
 public:
  void SetUp() override {
    const auto words = ::testing::internal::GetArgvs();
    constexpr std::string_view flag = "--as=";
    for (std::size_t i = 1; i < words.size(); ++i)
      if (words[i].starts_with(flag))
        play(words[i].substr(flag.size()), {words.begin() + static_cast<std::ptrdiff_t>(i) + 1, words.end()});
  }
};
[[maybe_unused]] const auto* const g_role = ::testing::AddGlobalTestEnvironment(new PlayRole);

Command self_as(const std::string& role, std::vector<std::string> words = {}) {
  words.insert(words.begin(), {"--gtest_brief=1", "--as=" + role});
  return {current_executable().value(), std::move(words)};
}

std::int64_t pid_in(const Path& file) {
  for (int i = 0; i < 500; ++i) {
    if (const auto text = read_file(file, k_plenty); text && !text->empty()) return std::stoll(*text);
    std::this_thread::sleep_for(10ms);
  }
  return -1;
}

bool ends_soon(std::int64_t pid) {
  for (int i = 0; i < 500 && is_process_alive(pid); ++i) std::this_thread::sleep_for(10ms);
  return !is_process_alive(pid);
}

TEST(RunProcess, GivesOutputAndExitCode) {
  const auto silent = run_process(self_as("exit", {"0"}), 20s, k_plenty);
  ASSERT_TRUE(silent) << silent.error().message;
  EXPECT_EQ(silent->code, 0);
  EXPECT_EQ(silent->signal, "");
  EXPECT_FALSE(silent->timed_out);
  EXPECT_EQ(run_process(self_as("exit", {"7"}), 20s, k_plenty).value().code, 7);
}

// Words that a command line or a shell would read as more than text.
TEST(RunProcess, WordsArriveAsTheyAre) {
  const std::vector<std::string> words = {"plain",  "with blank", "",          "\"quoted\"",   "back\\slash",
                                          "end\\",  "end \\",     "\\\"",      "a\\\\\"b c\\", "$HOME %PATH% `x`",
                                          "* ? |&", "ż日😀",      "tab\there", "'single'",     "^caret!"};
  const auto exit = run_process(self_as("echo", words), 20s, k_plenty);
  ASSERT_TRUE(exit) << exit.error().message;
  std::string expected;
  for (const std::string& word : words) expected += "[" + word + "]";
  EXPECT_THAT(exit->output, EndsWith(expected));
}

TEST(RunProcess, TellsOutputAsItComes) {
  std::string told;
  const OutputSink sink = [&](std::string_view piece) { told += piece; };
  const auto exit = run_process(self_as("print", {"100000"}), 30s, k_plenty, {}, sink);
  ASSERT_TRUE(exit);
  EXPECT_GT(told.size(), 100'000u);
  EXPECT_EQ(told, exit->output);
  told.clear();
  const auto cut = run_process(self_as("print", {"100000"}), 30s, ByteCount(1000), {}, sink);
  EXPECT_EQ(told, cut.value().output);
  EXPECT_EQ(told.size(), 1000u);
}

TEST(RunProcess, KillsAtTheDeadline) {
  const Stopwatch watch;
  const auto exit = run_process(self_as("sleep", {"30000"}), 100ms, k_plenty);
  ASSERT_TRUE(exit);
  EXPECT_TRUE(exit->timed_out);
  EXPECT_EQ(exit->code, -1);
  EXPECT_GE(watch.elapsed_ms(), 90.0);
  EXPECT_LT(watch.elapsed_ms(), 10'000.0);
}

TEST(RunProcess, KillsTheChildrenOfTheProgramToo) {
  const ScratchFolder folder;
  const Path file = folder / "ticks";
  const Command child = self_as("tick", {to_utf8(file)});
#ifdef _WIN32
  Command parent{"cmd.exe", {"/c", "start", "/b", "/wait", "", to_utf8(Path(child.program).make_preferred())}};
#else
  Command parent{"sh", {"-c", "\"$0\" \"$@\" & wait", child.program.string()}};
#endif
  parent.arguments.insert(parent.arguments.end(), child.arguments.begin(), child.arguments.end());
  const auto ticks = [&] { return read_file(file, k_plenty).value_or("").size(); };
  const CancelToken cancel;
  std::thread other([&] {
    for (int i = 0; i < 1000 && ticks() == 0; ++i) std::this_thread::sleep_for(10ms);
    cancel.request();
  });
  const auto exit = run_process(parent, 60s, k_plenty, cancel);
  other.join();
  EXPECT_FALSE(exit) << exit->output << exit->errors;
  const std::size_t then = ticks();
  EXPECT_GT(then, 0u);
  std::this_thread::sleep_for(80ms);
  EXPECT_EQ(ticks(), then);
}

TEST(RunProcess, StopsWhenCancelled) {
  const CancelToken cancel;
  std::thread other([&] {
    std::this_thread::sleep_for(50ms);
    cancel.request();
  });
  const Stopwatch watch;
  const auto exit = run_process(self_as("sleep", {"30000"}), 60s, k_plenty, cancel);
  other.join();
  ASSERT_FALSE(exit);
  EXPECT_EQ(exit.error().kind, ErrorKind::cancelled);
  EXPECT_LT(watch.elapsed_ms(), 10'000.0);
}

TEST(RunProcess, CutsBothOutputsAtTheLimit) {
  const auto exit = run_process(self_as("print", {"100000"}), 30s, ByteCount(1000));
  ASSERT_TRUE(exit);
  EXPECT_EQ(exit->code, 0) << "the program must not block on a full pipe";
  EXPECT_EQ(exit->output.size(), 1000u);
  EXPECT_EQ(exit->errors.size(), 1000u);
  const auto whole = run_process(self_as("print", {"100000"}), 30s, k_plenty);
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->errors.size(), 500'000u);
  EXPECT_GE(whole->output.size(), 500'000u);
}

TEST(RunProcess, InputIsEmpty) {
  EXPECT_THAT(run_process(self_as("read"), 20s, k_plenty).value().output, EndsWith("[0]"));
}

TEST(RunProcess, SaysHowAProgramDied) {
  const auto exit = run_process(self_as("die"), 20s, k_plenty);
  ASSERT_TRUE(exit);
#ifndef _WIN32
  EXPECT_EQ(exit->code, -1);
  EXPECT_EQ(exit->signal, "SIGABRT");
#else
  EXPECT_NE(exit->code, 0);
#endif
}

TEST(RunProcess, AMissingProgramIsAnError) {
  const ScratchFolder folder;
  for (const Path& program : {Path("no-such-program-anywhere"), folder / "none", folder.path()}) {
    const auto exit = run_process({program, {}}, 5s, k_plenty);
    ASSERT_FALSE(exit) << display(program);
    EXPECT_EQ(exit.error().kind, ErrorKind::io);
    EXPECT_THAT(exit.error().message, HasSubstr(display(program)));
  }
}

TEST(RunProcess, DoesNotWaitForWhatTheProgramLeftRunning) {
  const Command child = self_as("sleep", {"4000"});
#ifdef _WIN32
  Command parent{"cmd.exe", {"/c", "start", "/b", "", to_utf8(Path(child.program).make_preferred())}};
#else
  Command parent{"sh", {"-c", "\"$0\" \"$@\" & echo started", child.program.string()}};
#endif
  parent.arguments.insert(parent.arguments.end(), child.arguments.begin(), child.arguments.end());
  const Stopwatch watch;
  const auto exit = run_process(parent, 20s, k_plenty);
  ASSERT_TRUE(exit);
  EXPECT_FALSE(exit->timed_out);
  EXPECT_LT(watch.elapsed_ms(), 3500.0);
}

TEST(StartDetached, OutlivesTheCallAndAppendsToTheLog) {
  const ScratchFolder folder;
  const Path log = folder / "log", file = folder / "pid";
  ASSERT_TRUE(replace_file(log, "before\n"));
  const auto pid = start_detached(self_as("sleep", {"150", to_utf8(file)}), log);
  ASSERT_TRUE(pid) << pid.error().message;
  EXPECT_EQ(pid_in(file), *pid);
  EXPECT_TRUE(is_process_alive(*pid));
  EXPECT_TRUE(ends_soon(*pid));
  const auto echo = start_detached(self_as("print", {"2"}), log);
  ASSERT_TRUE(echo);
  EXPECT_TRUE(ends_soon(*echo));
  const std::string text = read_file(log, k_plenty).value();
  EXPECT_TRUE(text.starts_with("before\n")) << text;
  const std::size_t first = text.find("0123456789");
  EXPECT_NE(first, text.rfind("0123456789")) << "both outputs belong there: " << text;
}

TEST(StartDetached, AMissingProgramOrLogIsAnError) {
  const ScratchFolder folder;
  EXPECT_FALSE(start_detached({"no-such-program-anywhere", {}}, folder / "log"));
  EXPECT_FALSE(start_detached(self_as("exit", {"0"}), folder / "none/log"));
}

TEST(Processes, ThisOneIsAlive) {
  EXPECT_TRUE(is_process_alive(current_process_id()));
  for (const std::int64_t nobody : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40, INT64_MAX})
    EXPECT_FALSE(is_process_alive(nobody)) << nobody;
}

TEST(Processes, TheOwnProgramIsAFile) {
  const Path own = current_executable().value();
  EXPECT_TRUE(own.is_absolute());
  EXPECT_TRUE(std::filesystem::is_regular_file(own)) << display(own);
  EXPECT_THAT(to_utf8(own.filename()), HasSubstr("unit_base"));
}

TEST(FindProgram, LooksOnThePathOnly) {
#ifdef _WIN32
  const auto found = find_program("cmd"), folder = find_program("system32");
#else
  const auto found = find_program("sh"), folder = find_program("..");
#endif
  ASSERT_TRUE(found.has_value());
  EXPECT_TRUE(found->is_absolute());
  EXPECT_EQ(find_program("no-such-program-anywhere"), std::nullopt);
  EXPECT_EQ(find_program(""), std::nullopt);
  EXPECT_EQ(folder, std::nullopt);
}

}  // namespace
}  // namespace oc::base
