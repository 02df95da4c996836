// SPDX-License-Identifier: Apache-2.0
#include "base/process.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/user_folders.hpp"
#include "base/windows_api.hpp"
#include "base/windows_process.hpp"

namespace oc::base {
namespace {

using windows::Handle;
using windows::Inheritance;
using windows::Pipe;
using windows::to_system;

constexpr DWORD k_wait_ms = 10;

std::unexpected<Error> cannot_run(const Command& command, DWORD code) {
  return fail(ErrorKind::io, fmt::format("cannot run {}: {}", display(command.program), windows::message_of(code)));
}

Result<Path> resolve_program(const Command& command) {
  Path program = command.program;
  if (!program.is_absolute()) {
    const auto found = find_program(to_utf8(program));
    if (!found) return cannot_run(command, ERROR_FILE_NOT_FOUND);
    program = *found;
  } else if (!program.has_extension()) {
    program += L".exe";
  }
  if (windows::is_batch_file(program))
    return fail(ErrorKind::io, fmt::format("cannot run {}: it is a batch file, not a program", display(program)),
                "name the program that the batch file runs");
  return program;
}

// Moves what the pipe has into `text`, without waiting; closes the pipe at its end. True if there was something.
bool drain(Pipe& pipe, std::string& text, ByteCount limit) {
  std::array<char, 1 << 15> buffer;
  const std::size_t n = windows::read_available(pipe.read_end, buffer);
  const auto room =
      static_cast<std::size_t>(std::max<std::int64_t>(0, limit.value - static_cast<std::int64_t>(text.size())));
  text.append(buffer.data(), std::min(room, n));
  return n > 0;
}

void set_status(DWORD status, Exit& exit) {
  constexpr DWORD first_exception = 0xC0000000;  // NTSTATUS codes of severity "error"
  const bool is_exception = status >= first_exception;
  exit.code = is_exception ? -1 : static_cast<int>(status);
  if (is_exception) exit.signal = fmt::format("0x{:08X}", status);
}

// Whatever is in it ends when this process does; what is started to outlive its starter may leave it.
bool end_with_this_process(HANDLE job, bool is_wanted) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION information{};
  information.BasicLimitInformation.LimitFlags =
      JOB_OBJECT_LIMIT_BREAKAWAY_OK | (is_wanted ? JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE : 0u);
  return ::SetInformationJobObject(job, JobObjectExtendedLimitInformation, &information, sizeof information) != 0;
}

}  // namespace

Result<Exit> run_process(const Command& command, std::chrono::milliseconds deadline, ByteCount output_limit,
                         const CancelToken& cancel, const OutputSink& on_output) {
  OC_TRY(const Path program, resolve_program(command));
  Pipe out, err;
  Handle nothing = windows::open_nothing();
  Inheritance inherited(nothing.get(), out.write_end.get(), err.write_end.get());
  // Suspended until it is in the job, so that no child of it escapes the deadline.
  auto child = windows::create_child(program, windows::make_command_line(program, command.arguments), inherited.get(),
                                     CREATE_SUSPENDED);
  if (!child) return cannot_run(command, child.error());
  const Handle job(::CreateJobObjectW(nullptr, nullptr));
  const bool has_job =
      job && end_with_this_process(job.get(), true) && ::AssignProcessToJobObject(job.get(), child->process.get());
  ::ResumeThread(child->thread.get());
  out.write_end.close();
  err.write_end.close();

  Exit exit;
  std::size_t told = 0;
  const auto tell = [&] {
    if (on_output && exit.output.size() > told) on_output(std::string_view(exit.output).substr(told));
    told = exit.output.size();
  };
  const Stopwatch watch;
  bool killed = false;
  for (DWORD wait = 0; ::WaitForSingleObject(child->process.get(), wait) == WAIT_TIMEOUT;) {
    const bool late = watch.elapsed_ms() > static_cast<double>(deadline.count());
    if (!killed && (late || cancel.is_requested())) {
      if (!has_job || !::TerminateJobObject(job.get(), 1)) ::TerminateProcess(child->process.get(), 1);
      killed = true;
      exit.timed_out = late && !cancel.is_requested();
    }
    const bool some_output = drain(out, exit.output, output_limit);
    const bool some_errors = drain(err, exit.errors, output_limit);
    tell();
    wait = some_output || some_errors ? 0 : k_wait_ms;
  }
  while (drain(out, exit.output, output_limit)) {
  }  // what was written before the end; a grandchild's pipe is not waited for
  while (drain(err, exit.errors, output_limit)) {}
  tell();
  if (cancel.is_requested()) return fail(ErrorKind::cancelled, fmt::format("{} stopped", display(command.program)));
  DWORD status = 0;
  ::GetExitCodeProcess(child->process.get(), &status);
  set_status(status, exit);
  // What the program left running is its own affair.
  if (has_job) end_with_this_process(job.get(), false);
  if (killed) exit.code = -1;
  return exit;
}

Result<std::int64_t> start_detached(const Command& command, const Path& log) {
  OC_TRY(const Path program, resolve_program(command));
  Handle nothing = windows::open_nothing();
  // Only the right to append: the system then puts every write at the end, whoever else writes.
  Handle output(::CreateFileW(to_system(log).c_str(), FILE_APPEND_DATA | SYNCHRONIZE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_ALWAYS,
                              FILE_ATTRIBUTE_NORMAL, nullptr));
  if (!output) return windows::system_failure("write", log, ::GetLastError());
  Inheritance inherited(nothing.get(), output.get(), output.get());
  // Out of the starter's job if that lets it go: jobs may end all their processes with the starter.
  const std::wstring line = windows::make_command_line(program, command.arguments);
  auto child =
      windows::create_child(program, line, inherited.get(), CREATE_NEW_PROCESS_GROUP | CREATE_BREAKAWAY_FROM_JOB);
  if (!child && child.error() == ERROR_ACCESS_DENIED)
    child = windows::create_child(program, line, inherited.get(), CREATE_NEW_PROCESS_GROUP);
  if (!child) return cannot_run(command, child.error());
  return static_cast<std::int64_t>(child->id);
}

void end_with_parent() {}  // the job of run_process sees to it

void forbid_core_dumps() { ::SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX); }

bool is_process_alive(std::int64_t pid) {
  if (pid <= 0 || pid > MAXDWORD) return false;
  const Handle process(::OpenProcess(SYNCHRONIZE, FALSE, static_cast<DWORD>(pid)));
  if (!process) return ::GetLastError() == ERROR_ACCESS_DENIED;
  return ::WaitForSingleObject(process.get(), 0) == WAIT_TIMEOUT;
}

std::int64_t current_process_id() { return ::GetCurrentProcessId(); }

Result<Path> current_executable() {
  std::wstring name(32'768, L'\0');  // the longest path there is
  const DWORD size = ::GetModuleFileNameW(nullptr, name.data(), static_cast<DWORD>(name.size()));
  if (size == 0 || size >= name.size())
    return fail(ErrorKind::io,
                fmt::format("cannot find the program's own file: {}", windows::message_of(::GetLastError())));
  name.resize(size);
  const Handle file(::CreateFileW(name.c_str(), FILE_READ_ATTRIBUTES,
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr, OPEN_EXISTING, 0,
                                  nullptr));
  std::wstring resolved(32'768, L'\0');
  const DWORD length =
      file ? ::GetFinalPathNameByHandleW(file.get(), resolved.data(), static_cast<DWORD>(resolved.size()), 0) : 0;
  if (length == 0 || length >= resolved.size()) return Path(name);
  resolved.resize(length);
  constexpr std::wstring_view prefix = LR"(\\?\)", share = LR"(\\?\UNC\)";
  if (resolved.starts_with(share)) return Path(LR"(\\)" + resolved.substr(share.size()));
  return Path(resolved.starts_with(prefix) ? resolved.substr(prefix.size()) : resolved);
}

std::optional<Path> find_program(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const std::wstring folders = windows::to_wide(environment_variable("PATH").value_or(""));
  std::size_t from = 0;
  while (from <= folders.size()) {
    const std::size_t to = std::min(folders.find(L';', from), folders.size());
    std::wstring folder = folders.substr(from, to - from);
    std::erase(folder, L'"');
    for (const wchar_t* extension : {L"", L".exe", L".com"}) {
      Path candidate = Path(folder) / path_from_utf8(name);
      candidate += extension;
      if (!candidate.is_absolute() || !candidate.has_extension()) continue;
      const DWORD attributes = ::GetFileAttributesW(to_system(candidate).c_str());
      if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) return candidate;
    }
    from = to + 1;
  }
  return std::nullopt;
}

}  // namespace oc::base
