// SPDX-License-Identifier: Apache-2.0
#include "base/terminal.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

namespace oc::base {
namespace {

// What the handler may touch: a lock-free flag, kept alive by the token beside it.
std::atomic<std::atomic<bool>*> g_flag{nullptr};
std::atomic<bool> g_end{false};

extern "C" void on_interrupt(int number) {
  if (number != SIGINT) g_end = true;
  std::atomic<bool>* flag = g_flag.load();
  if (flag == nullptr || flag->exchange(true)) ::_exit(130);
}

int descriptor(Stream stream) { return stream == Stream::input ? 0 : stream == Stream::output ? 1 : 2; }

// Waits for something to read; false once an interrupt was asked for. A signal that came just before the wait, or that
// another thread took, ends no system call of this one: the flag is looked at again and again. (select: macOS cannot
// poll a terminal.)
bool wait_for_key(int fd) {
  constexpr suseconds_t k_look_again_us = 50'000;
  while (true) {
    const std::atomic<bool>* flag = g_flag.load();
    if (flag != nullptr && flag->load()) return false;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(fd, &readable);
    timeval timeout{0, k_look_again_us};
    const int ready = ::select(fd + 1, &readable, nullptr, nullptr, &timeout);
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

bool is_terminal(Stream stream) { return ::isatty(descriptor(stream)) == 1; }

std::size_t terminal_width() {
  winsize size{};
  for (const int fd : {2, 1})
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

void prepare_standard_streams() {
  ::signal(SIGPIPE, SIG_IGN);
  // Where a caller closed one of the three, the next file or socket would get its number and what is printed. Opened
  // the wrong way round, output fails as it should.
  for (const int fd : {0, 1, 2})
    if (::fcntl(fd, F_GETFD) < 0) (void)::open("/dev/null", fd == 2 ? O_WRONLY : O_RDONLY);
}

void cancel_on_interrupt(const CancelToken& token) {
  static CancelToken keep;
  keep = token;
  g_flag = &keep.flag();
  struct sigaction action{};
  action.sa_handler = on_interrupt;
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
}

bool is_end_requested() { return g_end; }

bool read_answer_from_terminal(char* line, std::size_t capacity) {
  const int fd = ::open("/dev/tty", O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (fd < 0) return false;
  std::size_t used = 0;
  bool ended = false;
  while (used + 1 < capacity) {
    // Interrupted by Ctrl-C: the answer counts as none.
    const ssize_t n = wait_for_key(fd) ? ::read(fd, line + used, 1) : 0;
    if (n <= 0) {
      ended = true;
      break;
    }
    if (line[used] == '\n') break;
    ++used;
  }
  line[used] = '\0';
  ::close(fd);
  return !ended;
}

}  // namespace oc::base
