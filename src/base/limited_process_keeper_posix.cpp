// SPDX-License-Identifier: Apache-2.0
// Only calls that are safe in the child of a process with threads: no memory is allocated, nothing of the standard
// library is used.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#include <sys/syscall.h>
#endif

#include <cerrno>
#include <cstddef>

#include "base/limited_process.hpp"
#include "base/posix_keeper.hpp"

namespace oc::base::posix {
namespace {

constexpr int k_control = 3;
constexpr int k_status = 4;
constexpr int k_first_unused = 5;
constexpr int k_exec_failed = 127;
constexpr std::int64_t k_stuck_ms = 2000;
constexpr std::int64_t k_stubborn_ms = 100;  // usually all is gone long before

extern "C" void on_child_ended(int) {}  // its only use: select() returns

std::int64_t now_ms() {
  timespec now{};
  (void)::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

void report(KeeperReport::Kind kind, int value) {
  const KeeperReport message{kind, value};
  (void)!::write(k_status, &message, sizeof message);  // shorter than what a pipe takes in one piece
}

void close_from(int first) {
#ifdef SYS_close_range
  if (::syscall(SYS_close_range, static_cast<unsigned>(first), ~0U, 0U) == 0) return;
#endif
  constexpr rlim_t k_most = 65'536;
  rlimit limit{};
  const bool is_known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < k_most;
  const int end = static_cast<int>(is_known ? limit.rlim_cur : k_most);
  for (int fd = first; fd < end; ++fd) ::close(fd);
}

// 0, 1 and 2 for the program, 3 and 4 for the keeper, and nothing else: what this process has open (locks, sockets,
// databases) is not the program's, and not the keeper's either.
bool arrange_descriptors(const KeeperOrder& order) {
  constexpr int k_out_of_the_way = 16;  // one of them may have the number that another has to get
  int moved[5] = {order.input, order.output, order.errors, order.control, order.status};
  for (int& fd : moved) {
    fd = ::fcntl(fd, F_DUPFD, k_out_of_the_way);
    if (fd < 0) return false;
  }
  for (int fd = 0; fd < k_first_unused; ++fd)
    if (::dup2(moved[fd], fd) < 0) return false;
  close_from(k_first_unused);
  (void)::fcntl(k_control, F_SETFD, FD_CLOEXEC);
  (void)::fcntl(k_status, F_SETFD, FD_CLOEXEC);
  return true;
}

template <class Resource>
void lower_limit(Resource resource, std::int64_t wanted) {
  rlimit limit{};
  if (::getrlimit(resource, &limit) != 0) return;
  const auto most = static_cast<rlim_t>(wanted);
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > most) limit.rlim_max = most;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(resource, &limit);
}

void apply_limits(const KeeperOrder& order) {
  lower_limit(RLIMIT_CORE, 0);
  if (order.file_bytes > 0) lower_limit(RLIMIT_FSIZE, order.file_bytes);
  if (order.address_bytes > 0) lower_limit(RLIMIT_AS, order.address_bytes);
#ifdef __linux__
  // No more rights than this user's: what runs as somebody else could not be ended. And when memory gets short, the
  // program is to go, not what the user works with.
  (void)::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  if (const int fd = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC); fd >= 0) {
    (void)!::write(fd, "1000", 4);
    ::close(fd);
  }
#endif
}

[[noreturn]] void become_program(const KeeperOrder& order) {
  (void)::setsid();
  struct sigaction as_usual{};
  as_usual.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) (void)::sigaction(number, &as_usual, nullptr);
  apply_limits(order);
  if (::chdir(order.folder) != 0) {
    report(KeeperReport::bad_folder, errno);
    ::_exit(k_exec_failed);
  }
  sigset_t none;
  sigemptyset(&none);
  (void)::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(order.program, order.arguments, order.environment);
  report(KeeperReport::bad_program, errno);
  ::_exit(k_exec_failed);
}

class Keeper {
 public:
  explicit Keeper(pid_t program) : program_(program) {}

  // Until the program has ended, must end, or has had its time.
  KeeperReport::Kind wait_for_end(std::int64_t time_ms) {
    const std::int64_t deadline = now_ms() + time_ms;
    while (true) {
      reap();
      if (has_ended_) return KeeperReport::ended;
      const std::int64_t left = deadline - now_ms();
      if (time_ms > 0 && left <= 0) return KeeperReport::ended_late;
      if (is_told_to_end(time_ms > 0 ? left : -1)) return KeeperReport::ended_on_order;
    }
  }

  void end_all() {
    if (is_all_gone()) return;
    const std::int64_t grace = is_hurried() ? 0 : k_end_grace.count();
    if (grace > 0) signal_all(SIGTERM);
    const std::int64_t start = now_ms();
    std::int64_t last_end = start;
    while (true) {
      const bool has_reaped = reap();
      if (is_all_gone()) return;
      const std::int64_t now = now_ms();
      if (has_reaped) last_end = now;
      // What is stuck in the system gets no signal; what multiplies faster than it can be killed cannot be ended.
      if (now - last_end >= k_stuck_ms || now - start >= k_keeper_patience_ms) return;
      const std::int64_t grace_left = grace - (now - start);
      if (grace_left <= 0) kill_all(-grace_left);
      pause(grace_left > 0 ? grace_left : 2, nullptr);
    }
  }

  int status() const { return status_; }

 private:
  // Waits for a child's end, the time (-1: for ever) or, with `readable`, for something to read.
  static int pause(std::int64_t ms, fd_set* readable) {
    sigset_t all_but_child;
    sigfillset(&all_but_child);
    sigdelset(&all_but_child, SIGCHLD);
    const timespec time{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000 * 1'000'000)};
    return ::pselect(readable != nullptr ? k_control + 1 : 0, readable, nullptr, nullptr, ms < 0 ? nullptr : &time,
                     &all_but_child);
  }

  static bool is_told_to_end(std::int64_t ms) {
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(k_control, &readable);
    return pause(ms, &readable) > 0;
  }

  // Was it said that there is no time to ask?
  static bool is_hurried() {
    char byte = 0;
    fd_set readable;
    FD_ZERO(&readable);
    FD_SET(k_control, &readable);
    return pause(0, &readable) > 0 && ::read(k_control, &byte, 1) == 1;
  }

  // Did any child end?
  bool reap() {
    int status = 0;
    pid_t pid = 0;
    bool has_reaped = false;
    do {
      pid = ::waitpid(-1, &status, WNOHANG);
      has_reaped = has_reaped || pid > 0;
      if (pid != program_) continue;
      has_ended_ = true;
      status_ = status;
    } while (pid > 0 || (pid < 0 && errno == EINTR));
    has_children_ = pid == 0;
    return has_reaped;
  }

  bool is_all_gone() {
    reap();
    // A number that was seen to be nobody's session may become somebody else's: it is not asked about again.
    if (has_ended_ && !is_session_gone_) is_session_gone_ = ::kill(-program_, 0) != 0 && errno == ESRCH;
    return has_ended_ && is_session_gone_ && !has_children_;
  }

  // Before all others get their turn, where that is allowed. What goes on multiplying is killed whole, not child by
  // child as parents end; several times before anything is reaped, since the ended keep their places, of which there is
  // a limited number.
  void kill_all(std::int64_t for_ms) {
    signal_all(SIGKILL);
    if (for_ms < k_stubborn_ms) return;
#ifdef __linux__
    const sched_param first{1};
    (void)::sched_setscheduler(0, SCHED_FIFO, &first);
#endif
    constexpr int k_times = 4;
    for (int i = 0; i < k_times; ++i) kill_descendants();
  }

  void signal_all(int number) {
    if (!has_ended_) (void)::kill(program_, number);
    if (!is_session_gone_) (void)::kill(-program_, number);
    signal_children(number);
  }

  // Whatever left the session became the keeper's child when its own parent ended. Children have their number until
  // they are reaped, so no other process is meant by it, and no other group by that of its leader.
  static void signal_children(int number) {
    for_each_child("/proc/thread-self/children", [number](pid_t pid) { signal_child(pid, number); });
  }

  static void signal_child(pid_t pid, int number) {
    (void)::kill(-pid, number);
    (void)::kill(pid, number);
  }

  // All at once. A number that was just read could be another process's by now only if all numbers had been given out
  // in between.
  static void kill_descendants() {
    static pid_t found[1 << 15];
    std::size_t count = 0;
    const auto kill_and_keep = [&count](pid_t pid) {
      signal_child(pid, SIGKILL);
      if (count < sizeof found / sizeof *found) found[count++] = pid;
    };
    for_each_child("/proc/thread-self/children", kill_and_keep);
    for (std::size_t i = 0; i < count; ++i) {
      char path[64];
      write_children_path(path, found[i]);
      for_each_child(path, kill_and_keep);
    }
  }

  // "/proc/7/task/7/children"
  static void write_children_path(char* path, pid_t pid) {
    char digits[16];
    std::size_t length = 0;
    for (pid_t rest = pid; rest > 0; rest /= 10) digits[length++] = static_cast<char>('0' + rest % 10);
    const auto append = [&path](const char* text) {
      while (*text != 0) *path++ = *text++;
    };
    const auto append_number = [&] {
      for (std::size_t i = length; i > 0; --i) *path++ = digits[i - 1];
    };
    append("/proc/");
    append_number();
    append("/task/");
    append_number();
    append("/children");
    *path = 0;
  }

  // The numbers in such a file, as far as it can be read.
  template <class Visit>
  static void for_each_child([[maybe_unused]] const char* path, [[maybe_unused]] const Visit& visit) {
#ifdef __linux__
    constexpr int k_most_reads = 16;  // while it is read the list may grow faster than that
    const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return;
    char buffer[4096];
    pid_t pid = 0;
    ssize_t n = 1;
    for (int i = 0; i < k_most_reads && n > 0; ++i) {
      n = ::read(fd, buffer, sizeof buffer);
      for (ssize_t k = 0; k < n; ++k) {
        if (buffer[k] >= '0' && buffer[k] <= '9') {
          pid = pid * 10 + (buffer[k] - '0');
          continue;
        }
        if (pid > 1) visit(pid);
        pid = 0;
      }
    }
    ::close(fd);
#endif
  }

  pid_t program_;
  int status_ = 0;
  bool has_ended_ = false;
  bool has_children_ = true;
  bool is_session_gone_ = false;
};

}  // namespace

void keep(const KeeperOrder& order) {
  (void)::setsid();  // Ctrl-C is for this process's starter alone
  if (!arrange_descriptors(order)) ::_exit(k_exec_failed);
#ifdef __linux__
  (void)::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
#endif
  struct sigaction action{};
  action.sa_handler = on_child_ended;
  sigemptyset(&action.sa_mask);
  (void)::sigaction(SIGCHLD, &action, nullptr);
  const pid_t program = ::fork();
  if (program == 0) become_program(order);
  if (program < 0) {
    report(KeeperReport::bad_program, errno);
    ::_exit(k_exec_failed);
  }
  report(KeeperReport::started, program);
  for (int fd = 0; fd < k_control; ++fd) ::close(fd);
  Keeper keeper(program);
  const KeeperReport::Kind kind = keeper.wait_for_end(order.time_ms);
  keeper.end_all();
  report(kind, keeper.status());
  ::_exit(0);
}

}  // namespace oc::base::posix
