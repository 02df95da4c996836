// SPDX-License-Identifier: Apache-2.0
#include "base/limited_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/posix_keeper.hpp"
#include "base/posix_process_tree.hpp"
#include "base/text.hpp"

namespace oc::base {
namespace {

using posix::KeeperReport;
using Ending = LimitedExit::Ending;

constexpr int k_look_ms = 20;                 // how soon a cancellation is noticed
constexpr double k_count_ms = 50;             // between two looks at processes, and at memory …
constexpr double k_measure_cost_factor = 20;  // … but for that at most a twentieth of the time
constexpr int k_bomb_factor = 4;              // so many times more than is allowed cannot be somebody else's
constexpr int k_bomb_slack = 200;
constexpr double k_keeper_slack_ms = 10'000;  // for a machine that does other things
constexpr std::size_t k_read_bytes = 1 << 16;
constexpr std::size_t k_last_read_bytes = 4 << 20;  // more than any pipe holds: somebody still writes

class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{-1, -1};
#ifdef __linux__
  const int code = ::pipe2(ends.data(), O_CLOEXEC);
#else
  const int code = ::pipe(ends.data());
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
#endif
  if (code != 0) return fail(ErrorKind::io, fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// A file without a name that holds the input: nobody has to keep writing while the program runs.
Result<Descriptor> make_input(const std::string& bytes) {
  const auto failure = [] {
    return fail(ErrorKind::io, fmt::format("cannot keep the input of a command: {}", std::strerror(errno)));
  };
  if (bytes.empty()) {
    Descriptor nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (nothing.get() < 0) return failure();
    return nothing;
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  if (!file || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() || std::fflush(file.get()) != 0)
    return failure();
  Descriptor input(::fcntl(::fileno(file.get()), F_DUPFD_CLOEXEC, 0));
  if (input.get() < 0 || ::lseek(input.get(), 0, SEEK_SET) != 0) return failure();
  return input;
}

// The words of a command as execve wants them.
class Arguments {
 public:
  explicit Arguments(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  Arguments(const Arguments&) = delete;
  Arguments& operator=(const Arguments&) = delete;
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

struct Program {
  std::string path;
  std::vector<std::string> words;
};

// The reason why there is nothing to be run, otherwise.
std::expected<Program, std::string> resolve(const LimitedCommand& command) {
  if (const auto* line = std::get_if<ShellLine>(&command.words)) return Program{"/bin/sh", {"sh", "-c", line->text}};
  const std::vector<std::string>& words = std::get<WordList>(command.words).words;
  if (words.empty() || words.front().empty()) return std::unexpected("the command is empty");
  const std::string& name = words.front();
  if (name.contains('/')) return Program{(command.folder / name).string(), words};
  const auto found = find_program(name);
  if (!found) return std::unexpected(fmt::format("there is no program {} on the PATH", in_quotes(name)));
  return Program{found->string(), words};
}

bool has_zero_byte(const LimitedCommand& command, const Program& program) {
  const auto holds = [](const std::string& text) { return text.contains('\0'); };
  return std::ranges::any_of(program.words, holds) || std::ranges::any_of(command.environment, holds);
}

std::string signal_name(int number) {
  constexpr std::array<std::pair<int, std::string_view>, 14> k_names{{{SIGABRT, "SIGABRT"},
                                                                      {SIGSEGV, "SIGSEGV"},
                                                                      {SIGBUS, "SIGBUS"},
                                                                      {SIGFPE, "SIGFPE"},
                                                                      {SIGILL, "SIGILL"},
                                                                      {SIGKILL, "SIGKILL"},
                                                                      {SIGTERM, "SIGTERM"},
                                                                      {SIGINT, "SIGINT"},
                                                                      {SIGHUP, "SIGHUP"},
                                                                      {SIGPIPE, "SIGPIPE"},
                                                                      {SIGQUIT, "SIGQUIT"},
                                                                      {SIGTRAP, "SIGTRAP"},
                                                                      {SIGSYS, "SIGSYS"},
                                                                      {SIGXFSZ, "SIGXFSZ"}}};
  const auto found = std::ranges::find(k_names, number, &std::pair<int, std::string_view>::first);
  return found != k_names.end() ? std::string(found->second) : fmt::format("signal {}", number);
}

// The keeper with the program below it, and this side's ends of what connects them.
class Run {
 public:
  Run(const LimitedCommand& command, const ProcessLimits& limits, const CancelToken& cancel,
      const OutputSink& on_output, const OutputSink* on_errors = nullptr)
      : command_(command), limits_(limits), cancel_(cancel), on_output_(on_output), on_errors_(on_errors) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run() {
    control_.close();
    while (keeper_ > 0 && ::waitpid(keeper_, nullptr, 0) < 0 && errno == EINTR) {}
  }

  Result<void> start(const Program& program) {
    const Arguments arguments(program.words), environment(command_.environment);
    OC_CHECK(open_input());
    OC_TRY(Pipe output, make_pipe());
    Pipe errors;
    if (on_errors_ != nullptr) {
      OC_TRY(errors, make_pipe());
    }
    OC_TRY(Pipe control, make_pipe());
    OC_TRY(Pipe status, make_pipe());
    const std::string folder = command_.folder.string();
    posix::KeeperOrder order{program.path.c_str(),
                             arguments.get(),
                             environment.get(),
                             folder.c_str(),
                             input_.read_end.get(),
                             output.write_end.get(),
                             errors.write_end.get() < 0 ? output.write_end.get() : errors.write_end.get(),
                             control.read_end.get(),
                             status.write_end.get(),
                             limits_.time.count(),
                             limits_.file_size.value,
                             0};
    if (!posix::k_can_measure_tree) order.address_bytes = limits_.memory.value;
    processes_before_ = posix::count_processes().value_or(0);
    sigset_t all, before;
    sigfillset(&all);
    (void)::pthread_sigmask(SIG_SETMASK, &all, &before);
    keeper_ = ::fork();
    if (keeper_ == 0) posix::keep(order);
    const int code = errno;
    (void)::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (keeper_ < 0) return fail(ErrorKind::io, fmt::format("cannot start a process: {}", std::strerror(code)));
    output_ = std::move(output.read_end);
    errors_ = std::move(errors.read_end);
    control_ = std::move(control.write_end);
    status_ = std::move(status.read_end);
    for (const Descriptor* end : {&output_, &errors_, &status_, &input_.write_end})
      if (end->get() >= 0) (void)::fcntl(end->get(), F_SETFL, O_NONBLOCK);
    if (limits_.time.count() > 0) end_by(static_cast<double>(limits_.time.count()));
    return {};
  }

  // Reads until the keeper has said how it ended.
  void watch() {
    while (!is_over_) step(k_look_ms);
    read_rest();
  }

  // What there is to be read and can be written now, or within this time. False once the keeper has said how it ended.
  bool step(int ms) {
    if (is_over_) return false;
    std::array<pollfd, 4> polled{{{output_.get(), POLLIN, 0},
                                  {status_.get(), POLLIN, 0},
                                  {errors_.get(), POLLIN, 0},
                                  {unsaid_.empty() ? -1 : input_.write_end.get(), POLLOUT, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), ms);
    if (ready > 0 && polled[0].revents != 0) (void)read_from(output_, on_output_);
    if (ready > 0 && polled[1].revents != 0) read_reports();
    if (ready > 0 && polled[2].revents != 0) (void)read_from(errors_, *on_errors_);
    if (ready > 0 && polled[3].revents != 0) write_input();
    check_limits();
    return !is_over_;
  }

  void say(std::string_view bytes) { unsaid_ += bytes; }

  // Ends it, if it has not ended by itself.
  void finish() {
    input_.write_end.close();
    unsaid_.clear();
    if (!is_over_ && !told_) tell(Ending::cancelled);
    watch();
  }

  Result<LimitedExit> outcome(const Program& program) const {
    if (folder_error_ != 0)
      return fail(ErrorKind::io, fmt::format("cannot run a command in {}: {}", display(command_.folder),
                                             std::strerror(folder_error_)));
    const bool is_short_of_processes = program_error_ == EAGAIN || program_error_ == ENOMEM;
    if (is_short_of_processes || (is_abandoned_ && program_ < 0))
      return fail(ErrorKind::io,
                  fmt::format("cannot start a process for {}: {}", display(Path(program.path)),
                              is_short_of_processes ? std::strerror(program_error_) : "there are too many open files"));
    LimitedExit exit;
    exit.duration = std::chrono::milliseconds(static_cast<std::int64_t>(watch_.elapsed_ms()));
    if (program_error_ != 0) {
      exit.ending = Ending::not_started;
      exit.problem = fmt::format("cannot run {}: {}", display(Path(program.path)), std::strerror(program_error_));
    } else if (last_ == KeeperReport::ended_late) {
      exit.ending = Ending::timed_out;
    } else if (last_ == KeeperReport::ended_on_order) {
      exit.ending = told_.value_or(Ending::cancelled);
    } else if (WIFEXITED(wait_status_)) {
      exit.ending = Ending::exited;
      exit.code = WEXITSTATUS(wait_status_);
    } else {
      exit.ending = Ending::signalled;
      exit.signal = signal_name(WTERMSIG(wait_status_));
    }
    return exit;
  }

 private:
  // Of a program that is talked with this side keeps the end to read from, too: so the pipe has a reader as long as
  // somebody writes, and there is no SIGPIPE. That nobody reads any more is told by the program's end.
  Result<void> open_input() {
    if (on_errors_ != nullptr) {
      OC_TRY(input_, make_pipe());
      return {};
    }
    OC_TRY(input_.read_end, make_input(command_.input));
    return {};
  }

  void write_input() {
    const ssize_t n = ::write(input_.write_end.get(), unsaid_.data(), unsaid_.size());
    if (n > 0) unsaid_.erase(0, static_cast<std::size_t>(n));
  }

  void read_rest() {
    for (std::size_t n = 0; output_.get() >= 0 && n < k_last_read_bytes;) {
      const std::size_t count = read_from(output_, on_output_);
      if (count == 0) break;
      n += count;
    }
    for (int i = 0; errors_.get() >= 0 && i < 4 && read_from(errors_, *on_errors_) > 0; ++i) {}
  }

  // The number of bytes; closes the pipe at its end.
  std::size_t read_from(Descriptor& pipe, const OutputSink& sink) {
    const ssize_t n = ::read(pipe.get(), buffer_.data(), buffer_.size());
    if (n > 0) {
      if (sink) sink(std::string_view(buffer_.data(), static_cast<std::size_t>(n)));
      return static_cast<std::size_t>(n);
    }
    if (n == 0 || (errno != EINTR && errno != EAGAIN)) pipe.close();
    return 0;
  }

  void read_reports() {
    KeeperReport report;
    ssize_t n = 0;
    while ((n = ::read(status_.get(), &report, sizeof report)) == sizeof report) {
      switch (report.kind) {
        case KeeperReport::started: program_ = report.value; break;
        case KeeperReport::bad_folder: folder_error_ = report.value; break;
        case KeeperReport::bad_program: program_error_ = report.value; break;
        default:
          last_ = report.kind;
          wait_status_ = report.value;
          is_over_ = true;
      }
    }
    if (n == 0 && !is_over_) abandon();
  }

  void check_limits() {
    if (is_over_) return;
    const double now = watch_.elapsed_ms();
    if (give_up_at_ > 0 && now > give_up_at_) return abandon();
    if (told_) return;
    if (cancel_.is_requested()) return tell(Ending::cancelled);
    if (const auto why = watch_use()) tell(*why);
  }

  // Counting is cheap, measuring is not when there are very many processes: a program that multiplies is told by their
  // mere number.
  std::optional<Ending> watch_use() {
    if (!posix::k_can_measure_tree || (limits_.memory.value <= 0 && limits_.processes <= 0)) return std::nullopt;
    const double now = watch_.elapsed_ms();
    if (now < count_at_) return std::nullopt;
    count_at_ = now + k_count_ms;
    const int more = posix::count_processes().value_or(0) - processes_before_;
    if (limits_.processes > 0 && more > k_bomb_factor * limits_.processes + k_bomb_slack)
      return Ending::too_many_processes;
    const bool are_too_many = limits_.processes > 0 && more > limits_.processes;
    if (now < measure_at_ && !are_too_many) return std::nullopt;
    const double start = watch_.elapsed_ms();
    const auto use = posix::measure_tree(keeper_);
    measure_at_ = start + std::max(k_count_ms, k_measure_cost_factor * (watch_.elapsed_ms() - start));
    if (use && limits_.memory.value > 0 && use->memory > limits_.memory) return Ending::too_much_memory;
    if (use && limits_.processes > 0 && use->processes > limits_.processes) return Ending::too_many_processes;
    return std::nullopt;
  }

  void tell(Ending why) {
    told_ = why;
    if (why == Ending::too_many_processes) (void)!::write(control_.get(), "!", 1);
    control_.close();
    end_by(watch_.elapsed_ms());
  }

  void end_by(double at_ms) { give_up_at_ = at_ms + posix::k_keeper_patience_ms + k_keeper_slack_ms; }

  // The keeper was killed or stopped, by the program for example. What is known of the program's session ends here.
  void abandon() {
    ::kill(keeper_, SIGKILL);
    if (program_ > 1) ::kill(-program_, SIGKILL);
    wait_status_ = SIGKILL;
    last_ = told_ ? KeeperReport::ended_on_order : KeeperReport::ended;
    if (!told_ && limits_.time.count() > 0 && watch_.elapsed_ms() >= static_cast<double>(limits_.time.count()))
      last_ = KeeperReport::ended_late;
    is_over_ = is_abandoned_ = true;
  }

  const LimitedCommand& command_;
  const ProcessLimits& limits_;
  const CancelToken& cancel_;
  const OutputSink& on_output_;
  const OutputSink* on_errors_;  // nullptr: goes where the output goes
  Stopwatch watch_;
  pid_t keeper_ = -1;
  pid_t program_ = -1;
  Pipe input_;
  std::string unsaid_;
  Descriptor output_, errors_, control_, status_;
  std::array<char, k_read_bytes> buffer_;
  std::optional<Ending> told_;
  double give_up_at_ = 0;  // ms; 0: never
  double count_at_ = 0;
  double measure_at_ = 0;
  int processes_before_ = 0;
  std::int32_t last_ = KeeperReport::ended;
  int wait_status_ = 0;  // a signal's number is the status of a process that it killed
  int folder_error_ = 0;
  int program_error_ = 0;
  bool is_over_ = false;
  bool is_abandoned_ = false;
};

LimitedExit not_started(std::string problem) {
  return {.ending = Ending::not_started, .signal = {}, .problem = std::move(problem)};
}

}  // namespace

Result<LimitedExit> run_limited(const LimitedCommand& command, const ProcessLimits& limits, const CancelToken& cancel,
                                const OutputSink& on_output) {
  const auto program = resolve(command);
  if (!program) return not_started(program.error());
  if (has_zero_byte(command, *program)) return not_started("the command holds a zero byte");
  const auto run = std::make_unique<Run>(command, limits, cancel, on_output);
  OC_CHECK(run->start(*program));
  run->watch();
  return run->outcome(*program);
}

struct LimitedDialogue::State {
  LimitedCommand command;
  ProcessLimits limits;
  CancelToken cancel;
  OutputSink on_output, on_errors;
  Program program;
  Run run{command, limits, cancel, on_output, &on_errors};
};

LimitedDialogue::LimitedDialogue(std::unique_ptr<State> state) : state_(std::move(state)) {}
LimitedDialogue::LimitedDialogue(LimitedDialogue&&) noexcept = default;

LimitedDialogue::~LimitedDialogue() {
  if (state_) state_->run.finish();
}

Result<LimitedDialogue> LimitedDialogue::start(LimitedCommand command, const ProcessLimits& limits,
                                               const CancelToken& cancel, DialogueSinks sinks) {
  auto program = resolve(command);
  if (!program) return fail(ErrorKind::io, program.error());
  if (has_zero_byte(command, *program)) return fail(ErrorKind::io, "the command holds a zero byte");
  auto state = std::make_unique<State>(std::move(command), limits, cancel, std::move(sinks.on_output),
                                       std::move(sinks.on_errors), std::move(*program));
  OC_CHECK(state->run.start(state->program));
  return LimitedDialogue(std::move(state));
}

void LimitedDialogue::say(std::string_view bytes) { state_->run.say(bytes); }

bool LimitedDialogue::listen() { return state_->run.step(k_look_ms); }

Result<LimitedExit> LimitedDialogue::end() {
  state_->run.finish();
  return state_->run.outcome(state_->program);
}

}  // namespace oc::base
