// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.hpp"

#ifndef _WIN32

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "base/cancel.hpp"

namespace oc::base {
namespace {

constexpr int k_answered = 0;
constexpr int k_no_answer = 1;
constexpr int k_no_terminal = 2;

// In a process of its own, whose terminal is `path`: asks after Ctrl-C was pressed.
[[noreturn]] void ask_after_an_interrupt(const char* path) {
  ::setsid();
  const int terminal = ::open(path, O_RDWR);
  if (terminal < 0 || ::ioctl(terminal, TIOCSCTTY, 0) < 0) ::_exit(k_no_terminal);
  cancel_on_interrupt(CancelToken{});
  ::raise(SIGINT);
  char line[16];
  ::_exit(read_answer_from_terminal(line, sizeof line) ? k_answered : k_no_answer);
}

// The exit code of the process, which is ended after 10 s.
int exit_code_of(pid_t process) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  int status = 0;
  while (::waitpid(process, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > limit) {
      ::kill(process, SIGKILL);
      ::waitpid(process, &status, 0);
      return -1;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Terminal, CtrlCJustBeforeTheQuestionIsReadEndsIt) {
  const int keyboard = ::posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(keyboard, 0);
  ASSERT_EQ(::grantpt(keyboard), 0);
  ASSERT_EQ(::unlockpt(keyboard), 0);
  const char* path = ::ptsname(keyboard);
  const pid_t process = ::fork();
  if (process == 0) ask_after_an_interrupt(path);
  EXPECT_EQ(exit_code_of(process), k_no_answer);
  ::close(keyboard);
}

}  // namespace
}  // namespace oc::base

#endif
