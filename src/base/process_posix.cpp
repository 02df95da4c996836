// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/user_folders.hpp"

extern char** environ;

namespace oc::base {
namespace {

struct SpawnActions {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  SpawnActions() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  // The child must not inherit our signal mask or the fact that SIGPIPE is ignored.
  void restore_signals(short more_flags) {
    sigset_t none, all;
    sigemptyset(&none);
    sigemptyset(&all);
    sigaddset(&all, SIGPIPE);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGTERM);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes,
                             static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | more_flags));
  }
};

Result<pid_t> spawn(const Command& command, const SpawnActions& how) {
  std::vector<std::string> words{command.program.string()};
  words.insert(words.end(), command.arguments.begin(), command.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int code = ::posix_spawnp(&pid, argv[0], &how.actions, &how.attributes, argv.data(), environ);
  if (code != 0)
    return fail(ErrorKind::io, fmt::format("cannot run {}: {}", display(command.program), std::strerror(code)));
  return pid;
}

// Pipe whose ends children do not inherit by accident.
struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (::pipe(ends.data()) != 0) ends = {-1, -1};
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t i) {
    if (ends[i] >= 0) ::close(std::exchange(ends[i], -1));
  }
};

// Moves what the pipe has into `text`; closes the pipe at its end.
void drain(Pipe& pipe, std::string& text, ByteCount limit) {
  char buffer[1 << 15];
  const ssize_t n = ::read(pipe.ends[0], buffer, sizeof buffer);
  if (n > 0) {
    const auto room =
        static_cast<std::size_t>(std::max<std::int64_t>(0, limit.value - static_cast<std::int64_t>(text.size())));
    text.append(buffer, std::min(room, static_cast<std::size_t>(n)));
  } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
    pipe.close_end(0);
  }
}

void set_status(int status, Exit& exit) {
  if (WIFEXITED(status)) {
    exit.code = WEXITSTATUS(status);
    return;
  }
  exit.code = -1;
  const int number = WTERMSIG(status);
  switch (number) {
    case SIGABRT: exit.signal = "SIGABRT"; break;
    case SIGSEGV: exit.signal = "SIGSEGV"; break;
    case SIGBUS: exit.signal = "SIGBUS"; break;
    case SIGFPE: exit.signal = "SIGFPE"; break;
    case SIGILL: exit.signal = "SIGILL"; break;
    case SIGKILL: exit.signal = "SIGKILL"; break;
    case SIGTERM: exit.signal = "SIGTERM"; break;
    default: exit.signal = fmt::format("signal {}", number);
  }
}

}  // namespace

Result<Exit> run_process(const Command& command, std::chrono::milliseconds deadline, ByteCount output_limit,
                         const CancelToken& cancel, const OutputSink& on_output) {
  Pipe out, err;
  SpawnActions how;
  posix_spawn_file_actions_addopen(&how.actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&how.actions, out.ends[1], 1);
  posix_spawn_file_actions_adddup2(&how.actions, err.ends[1], 2);
  posix_spawnattr_setpgroup(&how.attributes, 0);  // own group: the deadline kills its children too
  how.restore_signals(POSIX_SPAWN_SETPGROUP);
  OC_TRY(const pid_t pid, spawn(command, how));
  out.close_end(1);
  err.close_end(1);

  Exit exit;
  std::size_t told = 0;
  const auto tell = [&] {
    if (on_output && exit.output.size() > told) on_output(std::string_view(exit.output).substr(told));
    told = exit.output.size();
  };
  const Stopwatch watch;
  bool killed = false;
  int status = 0;
  while (::waitpid(pid, &status, WNOHANG) == 0) {
    const bool late = watch.elapsed_ms() > static_cast<double>(deadline.count());
    if (!killed && (late || cancel.is_requested())) {
      ::kill(-pid, SIGKILL);
      killed = true;
      exit.timed_out = late && !cancel.is_requested();
    }
    std::array<pollfd, 2> polled{{{out.ends[0], POLLIN, 0}, {err.ends[0], POLLIN, 0}}};
    // The pipes close when the program ends, which wakes the poll; the time limit is for the deadline and cancelling.
    if (out.ends[0] < 0 && err.ends[0] < 0) ::poll(nullptr, 0, 2);
    else if (::poll(polled.data(), polled.size(), 20) <= 0) continue;
    if (polled[0].revents != 0) drain(out, exit.output, output_limit);
    if (polled[1].revents != 0) drain(err, exit.errors, output_limit);
    tell();
  }
  // What was written before the end; a grandchild may hold the pipe open: do not wait.
  for (auto* stream : {&out, &err})
    while (stream->ends[0] >= 0) {
      pollfd polled{stream->ends[0], POLLIN, 0};
      if (::poll(&polled, 1, 0) <= 0) break;
      drain(*stream, stream == &out ? exit.output : exit.errors, output_limit);
    }
  tell();
  if (cancel.is_requested()) return fail(ErrorKind::cancelled, fmt::format("{} stopped", display(command.program)));
  set_status(status, exit);
  return exit;
}

Result<std::int64_t> start_detached(const Command& command, const Path& log) {
  SpawnActions how;
  posix_spawn_file_actions_addopen(&how.actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&how.actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawn_file_actions_adddup2(&how.actions, 1, 2);
#ifdef POSIX_SPAWN_SETSID
  how.restore_signals(POSIX_SPAWN_SETSID);
#else
  posix_spawnattr_setpgroup(&how.attributes, 0);
  how.restore_signals(POSIX_SPAWN_SETPGROUP);
#endif
  OC_TRY(const pid_t pid, spawn(command, how));
  return static_cast<std::int64_t>(pid);
}

void end_with_parent() {
#ifdef __linux__
  // Sent when the thread that started this process ends; in run_process that is the one that waits for it.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#else
  // Who has lost its parent gets another one.
  constexpr std::chrono::milliseconds between_looks(200);
  std::thread([parent = ::getppid(), between_looks] {
    while (::getppid() == parent) std::this_thread::sleep_for(between_looks);
    ::kill(::getpid(), SIGTERM);
  }).detach();
#endif
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  (void)::setrlimit(RLIMIT_CORE, &none);  // lowering a limit does not fail
}

bool is_process_alive(std::int64_t pid) {
  const auto id = static_cast<pid_t>(pid);
  if (id <= 0 || id != pid) return false;  // 0 and negative numbers mean groups of processes
  (void)::waitpid(id, nullptr, WNOHANG);   // a child of ours that ended is a zombie until somebody waits
  return ::kill(id, 0) == 0 || errno == EPERM;
}

std::int64_t current_process_id() { return ::getpid(); }

Result<Path> current_executable() {
  std::error_code code;
#ifdef __APPLE__
  std::array<char, 4096> buffer{};
  std::uint32_t size = buffer.size();
  if (::_NSGetExecutablePath(buffer.data(), &size) != 0)
    return fail(ErrorKind::internal, "the program's own path is too long");
  Path path = std::filesystem::canonical(buffer.data(), code);
#else
  Path path = std::filesystem::canonical("/proc/self/exe", code);
#endif
  if (code) return fail(ErrorKind::io, fmt::format("cannot find the program's own file: {}", code.message()));
  return path;
}

std::optional<Path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const std::string folders = environment_variable("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  std::size_t from = 0;
  while (from <= folders.size()) {
    const std::size_t to = std::min(folders.find(':', from), folders.size());
    Path candidate = Path(folders.substr(from, to - from)) / std::string(name);
    std::error_code ignored;
    if (candidate.is_absolute() && std::filesystem::is_regular_file(candidate, ignored) &&
        ::access(candidate.c_str(), X_OK) == 0)
      return candidate;
    from = to + 1;
  }
  return std::nullopt;
}

}  // namespace oc::base
