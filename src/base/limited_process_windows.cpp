// SPDX-License-Identifier: Apache-2.0
#include "base/limited_process.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "base/windows_api.hpp"
#include "base/windows_process.hpp"

namespace oc::base {
namespace {

using windows::Handle;
using Ending = LimitedExit::Ending;

constexpr DWORD k_wait_ms = 10;
constexpr double k_patience_ms = 2000;  // for processes to vanish that were told to
constexpr std::size_t k_read_bytes = 1 << 16;
constexpr std::size_t k_last_read_bytes = 4 << 20;  // more than the pipe holds: somebody still writes
constexpr DWORD k_first_exception = 0xC0000000;     // NTSTATUS codes of severity "error"

std::unexpected<Error> cannot(std::string_view attempt, DWORD code) {
  return fail(ErrorKind::io, fmt::format("cannot {}: {}", attempt, windows::message_of(code)));
}

struct Program {
  Path path;
  std::wstring line;
};

std::expected<Program, std::string> resolve_shell(const ShellLine& line) {
  std::wstring folder(MAX_PATH, L'\0');
  folder.resize(::GetSystemDirectoryW(folder.data(), MAX_PATH));
  if (folder.empty()) return std::unexpected("the system has no command interpreter");
  // /s: the outer quotes go, all between them stays as it is.
  return Program{Path(folder) / L"cmd.exe", L"cmd.exe /d /s /c \"" + windows::to_wide(line.text) + L"\""};
}

// The reason why there is nothing to be run, otherwise.
std::expected<Program, std::string> resolve(const LimitedCommand& command) {
  if (const auto* line = std::get_if<ShellLine>(&command.words)) return resolve_shell(*line);
  const std::vector<std::string>& words = std::get<WordList>(command.words).words;
  if (words.empty() || words.front().empty()) return std::unexpected("the command is empty");
  const std::string& name = words.front();
  Path path;
  if (name.find_first_of("/\\:") != std::string::npos) {
    path = command.folder / path_from_utf8(name);
    if (!path.has_extension()) path += L".exe";
  } else if (const auto found = find_program(name)) {
    path = *found;
  } else {
    return std::unexpected(
        fmt::format("there is no program {} on the PATH; a batch file is run by a command that begins with 'sh:'",
                    in_quotes(name)));
  }
  if (windows::is_batch_file(path))
    return std::unexpected(
        fmt::format("{} is a batch file, which only a command that begins with 'sh:' can run", display(path)));
  const std::span<const std::string> arguments = std::span(words).subspan(1);
  return Program{path, windows::make_command_line(path, arguments)};
}

bool has_zero_byte(const LimitedCommand& command, const Program& program) {
  return program.line.contains(L'\0') ||
         std::ranges::any_of(command.environment, [](const std::string& text) { return text.contains('\0'); });
}

// "NAME=value" with a zero after each, and one more.
std::wstring environment_block(const std::vector<std::string>& variables) {
  std::wstring block;
  for (const std::string& variable : variables) (block += windows::to_wide(variable)) += L'\0';
  if (block.empty()) block += L'\0';
  block += L'\0';
  return block;
}

// A temporary file that holds the input and goes with its last handle.
Result<Handle> make_input(const std::string& bytes) {
  if (bytes.empty()) return windows::open_nothing();
  std::wstring folder(MAX_PATH + 1, L'\0'), name(MAX_PATH + 1, L'\0');
  folder.resize(::GetTempPathW(MAX_PATH, folder.data()));
  if (folder.empty() || ::GetTempFileNameW(folder.c_str(), L"oc", 0, name.data()) == 0)
    return cannot("make a temporary file", ::GetLastError());
  Handle file(::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE | DELETE, 0, nullptr, CREATE_ALWAYS,
                            FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, nullptr));
  DWORD written = 0;
  if (!file || !::WriteFile(file.get(), bytes.data(), static_cast<DWORD>(bytes.size()), &written, nullptr) ||
      written != bytes.size() || ::SetFilePointer(file.get(), 0, nullptr, FILE_BEGIN) != 0)
    return cannot("keep the input of a command", ::GetLastError());
  return file;
}

// Whatever is in it ends with its handle, also when this process is killed.
Result<Handle> make_job(const ProcessLimits& limits) {
  Handle job(::CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION information{};
  DWORD& flags = information.BasicLimitInformation.LimitFlags;
  flags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
  if (limits.memory.value > 0) {
    flags |= JOB_OBJECT_LIMIT_JOB_MEMORY;
    information.JobMemoryLimit = static_cast<SIZE_T>(limits.memory.value);
  }
  if (limits.processes > 0) {
    flags |= JOB_OBJECT_LIMIT_ACTIVE_PROCESS;
    information.BasicLimitInformation.ActiveProcessLimit = static_cast<DWORD>(limits.processes);
  }
  if (!job ||
      !::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &information, sizeof information))
    return cannot("limit a command", ::GetLastError());
  return job;
}

bool is_job_empty(HANDLE job) {
  JOBOBJECT_BASIC_ACCOUNTING_INFORMATION information{};
  return !::QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &information, sizeof information,
                                      nullptr) ||
         information.ActiveProcesses == 0;
}

struct Started {
  Handle job;
  windows::Child child;
  std::string problem;  // why there is no child
};

Result<Started> start_in_job(const LimitedCommand& command, const Program& program, const ProcessLimits& limits,
                             STARTUPINFOW* startup) {
  const DWORD attributes = ::GetFileAttributesW(windows::to_system(command.folder).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES || (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
    return fail(ErrorKind::io,
                fmt::format("cannot run a command in {}: there is no such folder", display(command.folder)));
  OC_TRY(Handle job, make_job(limits));
  std::wstring environment = environment_block(command.environment);
  const std::wstring folder = windows::to_system(command.folder);
  // Suspended until it is in the job, so that no child of it escapes.
  auto child = windows::create_child(program.path, program.line, startup, CREATE_SUSPENDED,
                                     {environment.data(), folder.c_str()});
  if (!child)
    return Started{std::move(job),
                   {},
                   fmt::format("cannot run {}: {}", display(program.path), windows::message_of(child.error()))};
  if (!::AssignProcessToJobObject(job.get(), child->process.get())) {
    const DWORD code = ::GetLastError();
    (void)::TerminateProcess(child->process.get(), 1);
    return cannot("limit a command", code);
  }
  ::ResumeThread(child->thread.get());
  return Started{std::move(job), std::move(*child), {}};
}

std::size_t read_output(windows::Pipe& pipe, std::span<char> buffer, const OutputSink& on_output) {
  const std::size_t n = windows::read_available(pipe.read_end, buffer);
  if (n > 0 && on_output) on_output(std::string_view(buffer.data(), n));
  return n;
}

// Until the program has ended or was told to; then nothing is left of its job.
std::optional<Ending> watch(const windows::Child& child, HANDLE job, windows::Pipe& output, const ProcessLimits& limits,
                            const CancelToken& cancel, const OutputSink& on_output) {
  std::vector<char> buffer(k_read_bytes);
  std::optional<Ending> told;
  const Stopwatch since_start;
  for (DWORD wait = 0; ::WaitForSingleObject(child.process.get(), wait) == WAIT_TIMEOUT;) {
    const bool is_late = limits.time.count() > 0 && since_start.elapsed_ms() > static_cast<double>(limits.time.count());
    if (!told && (is_late || cancel.is_requested())) {
      told = cancel.is_requested() ? Ending::cancelled : Ending::timed_out;
      (void)::TerminateJobObject(job, 1);
    }
    wait = read_output(output, buffer, on_output) > 0 ? 0 : k_wait_ms;
  }
  (void)::TerminateJobObject(job, 1);
  const Stopwatch since_end;
  while (!is_job_empty(job) && since_end.elapsed_ms() < k_patience_ms)
    if (read_output(output, buffer, on_output) == 0) ::Sleep(1);
  for (std::size_t n = 0; n < k_last_read_bytes;) {
    const std::size_t count = read_output(output, buffer, on_output);
    if (count == 0) break;
    n += count;
  }
  return told;
}

LimitedExit not_started(std::string problem) {
  return {.ending = Ending::not_started, .signal = {}, .problem = std::move(problem)};
}

LimitedExit exit_of(HANDLE process, std::optional<Ending> told) {
  LimitedExit exit;
  DWORD status = 0;
  ::GetExitCodeProcess(process, &status);
  if (told) {
    exit.ending = *told;
  } else if (status >= k_first_exception) {
    exit.ending = Ending::signalled;
    exit.signal = fmt::format("0x{:08X}", status);
  } else {
    exit.code = static_cast<int>(status);
  }
  return exit;
}

}  // namespace

Result<LimitedExit> run_limited(const LimitedCommand& command, const ProcessLimits& limits, const CancelToken& cancel,
                                const OutputSink& on_output) {
  const auto program = resolve(command);
  if (!program) return not_started(program.error());
  if (has_zero_byte(command, *program)) return not_started("the command holds a zero byte");
  OC_TRY(const Handle input, make_input(command.input));
  windows::Pipe output;
  windows::Inheritance inherited(input.get(), output.write_end.get(), output.write_end.get());
  const Stopwatch stopwatch;
  OC_TRY(const Started started, start_in_job(command, *program, limits, inherited.get()));
  if (!started.problem.empty()) return not_started(started.problem);
  output.write_end.close();
  const auto told = watch(started.child, started.job.get(), output, limits, cancel, on_output);
  LimitedExit exit = exit_of(started.child.process.get(), told);
  exit.duration = std::chrono::milliseconds(static_cast<std::int64_t>(stopwatch.elapsed_ms()));
  return exit;
}

struct LimitedDialogue::State {
  ProcessLimits limits;
  CancelToken cancel;
  DialogueSinks sinks;
  windows::Pipe input, output, errors;
  Started started;
  std::string unsaid;
  std::optional<Ending> told;
  std::vector<char> buffer = std::vector<char>(k_read_bytes);
  Stopwatch since_start;

  bool is_running(DWORD wait) const { return ::WaitForSingleObject(started.child.process.get(), wait) == WAIT_TIMEOUT; }

  bool hear() {
    const std::size_t n = read_output(output, buffer, sinks.on_output);
    return read_output(errors, buffer, sinks.on_errors) + n > 0;
  }

  // A pipe that does not wait takes a piece as a whole or not at all.
  bool write() {
    constexpr std::size_t k_piece = 4096;
    std::size_t done = 0;
    for (DWORD n = 1; done < unsaid.size() && n > 0;) {
      const auto size = static_cast<DWORD>(std::min(k_piece, unsaid.size() - done));
      n = 0;
      if (!::WriteFile(input.write_end.get(), unsaid.data() + done, size, &n, nullptr)) break;
      done += n;
    }
    unsaid.erase(0, done);
    return done > 0;
  }

  void check_limits() {
    const bool is_late = limits.time.count() > 0 && since_start.elapsed_ms() > static_cast<double>(limits.time.count());
    if (told || (!is_late && !cancel.is_requested())) return;
    told = cancel.is_requested() ? Ending::cancelled : Ending::timed_out;
    (void)::TerminateJobObject(started.job.get(), 1);
  }

  void finish() {
    input.write_end.close();
    if (!told && is_running(0)) told = Ending::cancelled;
    (void)::TerminateJobObject(started.job.get(), 1);
    const Stopwatch since_end;
    while (!is_job_empty(started.job.get()) && since_end.elapsed_ms() < k_patience_ms)
      if (!hear()) ::Sleep(1);
    const Stopwatch since_empty;
    while (hear() && since_empty.elapsed_ms() < k_patience_ms) {}
  }
};

LimitedDialogue::LimitedDialogue(std::unique_ptr<State> state) : state_(std::move(state)) {}
LimitedDialogue::LimitedDialogue(LimitedDialogue&&) noexcept = default;

LimitedDialogue::~LimitedDialogue() {
  if (state_) state_->finish();
}

Result<LimitedDialogue> LimitedDialogue::start(LimitedCommand command, const ProcessLimits& limits,
                                               const CancelToken& cancel, DialogueSinks sinks) {
  const auto program = resolve(command);
  if (!program) return fail(ErrorKind::io, program.error());
  if (has_zero_byte(command, *program)) return fail(ErrorKind::io, "the command holds a zero byte");
  auto state = std::make_unique<State>();
  state->limits = limits;
  state->cancel = cancel;
  state->sinks = std::move(sinks);
  DWORD mode = PIPE_READMODE_BYTE | PIPE_NOWAIT;
  if (!::SetNamedPipeHandleState(state->input.write_end.get(), &mode, nullptr, nullptr))
    return cannot("make a pipe", ::GetLastError());
  windows::Inheritance inherited(state->input.read_end.get(), state->output.write_end.get(),
                                 state->errors.write_end.get());
  OC_TRY(state->started, start_in_job(command, *program, limits, inherited.get()));
  if (!state->started.problem.empty()) return fail(ErrorKind::io, state->started.problem);
  state->input.read_end.close();
  state->output.write_end.close();
  state->errors.write_end.close();
  return LimitedDialogue(std::move(state));
}

void LimitedDialogue::say(std::string_view bytes) { state_->unsaid += bytes; }

bool LimitedDialogue::listen() {
  const bool has_written = state_->write();
  const bool has_heard = state_->hear();
  state_->check_limits();
  return state_->is_running(has_written || has_heard ? 0 : k_wait_ms);
}

Result<LimitedExit> LimitedDialogue::end() {
  state_->finish();
  LimitedExit exit = exit_of(state_->started.child.process.get(), state_->told);
  exit.duration = std::chrono::milliseconds(static_cast<std::int64_t>(state_->since_start.elapsed_ms()));
  return exit;
}

}  // namespace oc::base
