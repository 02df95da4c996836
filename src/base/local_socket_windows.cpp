// SPDX-License-Identifier: Apache-2.0
// Named pipes. All I/O is overlapped, so that a wait can end with a time-out or by shut_down.
#include "base/local_socket.hpp"

#include <aclapi.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/sha256.hpp"
#include "base/windows_api.hpp"

namespace oc::base {
namespace {

using windows::Handle;
using windows::message_of;

constexpr DWORD k_pipe_bytes = 1 << 16;
constexpr DWORD k_busy_patience_ms = 5'000;

Handle make_event() { return Handle(::CreateEventW(nullptr, TRUE, FALSE, nullptr)); }

// Pipes have a flat name space of the whole machine: the hash keeps two addresses apart whatever their length.
std::wstring pipe_name(const Path& address) {
  std::error_code code;
  const Path absolute = std::filesystem::absolute(address, code);
  std::wstring name = (code ? address : absolute).lexically_normal().make_preferred().native();
  ::CharLowerBuffW(name.data(), static_cast<DWORD>(name.size()));  // names that differ in case only are one file
  return LR"(\\.\pipe\offline-coder-)" + windows::to_wide(sha256(windows::to_narrow(name)).substr(0, 32));
}

DWORD to_wait(std::chrono::milliseconds timeout) {
  return static_cast<DWORD>(std::clamp<std::int64_t>(timeout.count(), 0, INFINITE - 1));
}

// What a connection consists of; LocalConnection holds its address.
struct Channel {
  Handle pipe;
  Handle stop = make_event();  // set by shut_down, for good
  Handle read_done = make_event();
  Handle write_done = make_event();
};

Channel& channel_of(std::intptr_t handle) { return *reinterpret_cast<Channel*>(handle); }

std::intptr_t make_channel(Handle pipe) {
  auto channel = std::make_unique<Channel>();
  channel->pipe = std::move(pipe);
  return reinterpret_cast<std::intptr_t>(channel.release());
}

enum class IoState { done, timeout, stopped, failed };
struct IoOutcome {
  IoState state = IoState::failed;
  DWORD bytes = 0;
  DWORD code = 0;
};

// Waits for an operation that was started; one that has not ended in time is cancelled. The buffer is free afterwards.
IoOutcome finish(const Channel& channel, OVERLAPPED& operation, DWORD timeout_ms) {
  const HANDLE events[] = {operation.hEvent, channel.stop.get()};
  const DWORD woken = ::WaitForMultipleObjects(2, events, FALSE, timeout_ms);
  if (woken != WAIT_OBJECT_0) ::CancelIoEx(channel.pipe.get(), &operation);
  IoOutcome outcome;
  // Waits for the cancelling, too. The operation may still have been quicker: then its bytes count.
  if (::GetOverlappedResult(channel.pipe.get(), &operation, &outcome.bytes, TRUE)) {
    outcome.state = IoState::done;
    return outcome;
  }
  outcome.code = ::GetLastError();
  if (outcome.code == ERROR_OPERATION_ABORTED)
    outcome.state = woken == WAIT_TIMEOUT ? IoState::timeout : IoState::stopped;
  return outcome;
}

// Is the pipe one that this user made? Its owner is what its maker set; nobody can set somebody else.
bool is_own_pipe(HANDLE pipe) {
  PSID owner = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (::GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, nullptr, nullptr, nullptr,
                        &descriptor) != ERROR_SUCCESS)
    return false;
  const bool is_own = windows::is_same_user(windows::own_user(), owner);
  ::LocalFree(descriptor);
  return is_own;
}

// The pipe's access list has let in this user only; this looks once more, where it may (not at an elevated client).
bool is_own_client(HANDLE pipe) {
  ULONG process_id = 0;
  if (!::GetNamedPipeClientProcessId(pipe, &process_id)) return false;
  const windows::UserId user = windows::user_of_process(process_id);
  return user.empty() || user == windows::own_user();
}

}  // namespace

Result<std::optional<LocalConnection>> LocalConnection::connect(const Path& address) {
  const std::wstring name = pipe_name(address);
  const Stopwatch watch;
  for (;;) {
    Handle pipe(::CreateFileW(name.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr, OPEN_EXISTING,
                              FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, nullptr));
    if (pipe) {
      if (is_own_pipe(pipe.get())) return LocalConnection(make_channel(std::move(pipe)));
      return fail(ErrorKind::denied, fmt::format("the program listening at {} is another user's", display(address)));
    }
    const DWORD code = ::GetLastError();
    if (code == ERROR_FILE_NOT_FOUND) return std::nullopt;
    if (code == ERROR_ACCESS_DENIED)
      return fail(ErrorKind::denied, fmt::format("the program listening at {} is another user's", display(address)));
    // Busy: the listener has not got to the next instance of the pipe yet.
    if (code != ERROR_PIPE_BUSY || watch.elapsed_ms() > k_busy_patience_ms)
      return fail(ErrorKind::io, fmt::format("cannot connect to {}: {}", display(address), message_of(code)));
    ::WaitNamedPipeW(name.c_str(), k_busy_patience_ms / 10);
  }
}

LocalConnection::LocalConnection(LocalConnection&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), buffered_(std::move(other.buffered_)), scanned_(other.scanned_) {}
LocalConnection& LocalConnection::operator=(LocalConnection&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(buffered_, other.buffered_);
  std::swap(scanned_, other.scanned_);
  return *this;
}
LocalConnection::~LocalConnection() {
  if (handle_ != -1) delete &channel_of(handle_);
}

Result<LocalConnection::ReadOutcome> LocalConnection::read_line(std::chrono::milliseconds timeout,
                                                                std::size_t line_limit) {
  const Channel& channel = channel_of(handle_);
  const Stopwatch watch;
  char bytes[k_pipe_bytes];
  for (;;) {
    const std::size_t end = buffered_.find('\n', scanned_);
    if (std::min(end, buffered_.size()) > line_limit)
      return fail(ErrorKind::engine, fmt::format("the peer sent a line of more than {} bytes", line_limit));
    if (end != std::string::npos) {
      ReadOutcome outcome{ReadState::line, buffered_.substr(0, end)};
      buffered_.erase(0, end + 1);
      scanned_ = 0;
      return outcome;
    }
    scanned_ = buffered_.size();
    if (::WaitForSingleObject(channel.stop.get(), 0) == WAIT_OBJECT_0) return ReadOutcome{ReadState::closed, {}};
    OVERLAPPED operation{};
    operation.hEvent = channel.read_done.get();
    if (!::ReadFile(channel.pipe.get(), bytes, sizeof bytes, nullptr, &operation) &&
        ::GetLastError() != ERROR_IO_PENDING)
      return ReadOutcome{ReadState::closed, {}};
    const auto left = timeout - std::chrono::milliseconds(static_cast<std::int64_t>(watch.elapsed_ms()));
    const IoOutcome outcome = finish(channel, operation, to_wait(left));
    if (outcome.state == IoState::timeout) return ReadOutcome{ReadState::timeout, {}};
    if (outcome.state != IoState::done) return ReadOutcome{ReadState::closed, {}};
    buffered_.append(bytes, outcome.bytes);
  }
}

Result<void> LocalConnection::write_all(std::string_view bytes, std::chrono::milliseconds patience) {
  constexpr std::size_t k_slowest_bytes_per_ms = 10'000;
  const Stopwatch watch;
  const auto limit = patience + std::chrono::milliseconds(bytes.size() / k_slowest_bytes_per_ms);
  const Channel& channel = channel_of(handle_);
  while (!bytes.empty()) {
    OVERLAPPED operation{};
    operation.hEvent = channel.write_done.get();
    const auto part = static_cast<DWORD>(std::min<std::size_t>(bytes.size(), k_pipe_bytes));
    IoOutcome outcome;
    if (::WaitForSingleObject(channel.stop.get(), 0) == WAIT_OBJECT_0) outcome.code = ERROR_PIPE_NOT_CONNECTED;
    else if (!::WriteFile(channel.pipe.get(), bytes.data(), part, nullptr, &operation) &&
             ::GetLastError() != ERROR_IO_PENDING)
      outcome.code = ::GetLastError();
    else {
      const auto left = limit - std::chrono::milliseconds(static_cast<std::int64_t>(watch.elapsed_ms()));
      outcome = finish(channel, operation, to_wait(std::max(left, std::chrono::milliseconds(0))));
    }
    if (outcome.state == IoState::timeout) return fail(ErrorKind::engine, "the peer does not read what it is sent");
    if (outcome.state != IoState::done)
      return fail(ErrorKind::engine, fmt::format("the connection is gone: {}", message_of(outcome.code)));
    bytes.remove_prefix(outcome.bytes);
  }
  return {};
}

void LocalConnection::shut_down() {
  if (handle_ != -1) ::SetEvent(channel_of(handle_).stop.get());
}

namespace {

// One instance of the pipe that waits for a client. LocalListener holds its address, which must not change while the
// system works on `operation`.
struct Waiting {
  std::wstring name;
  Handle pipe;
  Handle connected = make_event();
  OVERLAPPED operation{};
  bool is_pending = false;

  ~Waiting() { stop(); }
  void stop() {
    if (!std::exchange(is_pending, false)) return;
    DWORD ignored = 0;
    ::CancelIoEx(pipe.get(), &operation);
    ::GetOverlappedResult(pipe.get(), &operation, &ignored, TRUE);
  }
};

enum class Instance { first, further };

// The error is that of CreateNamedPipeW.
DWORD open_instance(Waiting& waiting, Instance instance) {
  windows::OwnerOnly owner;
  if (owner.get() == nullptr) return ERROR_ACCESS_DENIED;
  // "First" fails if the name exists: nobody can have put a pipe of his own there for our clients to find.
  const DWORD first = instance == Instance::first ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0;
  waiting.pipe = Handle(::CreateNamedPipeW(waiting.name.c_str(), PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
                                           PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
                                           PIPE_UNLIMITED_INSTANCES, k_pipe_bytes, k_pipe_bytes, 0, owner.get()));
  return waiting.pipe ? 0 : ::GetLastError();
}

enum class Arrival { here, expected, impossible };

// Lets a client in, now or later.
Arrival expect_client(Waiting& waiting) {
  if (waiting.is_pending) return Arrival::expected;
  for (int attempt = 0; attempt < 2; ++attempt) {
    waiting.operation = OVERLAPPED{};
    waiting.operation.hEvent = waiting.connected.get();
    if (::ConnectNamedPipe(waiting.pipe.get(), &waiting.operation)) return Arrival::here;
    const DWORD code = ::GetLastError();
    if (code == ERROR_PIPE_CONNECTED) return Arrival::here;
    waiting.is_pending = code == ERROR_IO_PENDING;
    if (waiting.is_pending) return Arrival::expected;
    if (code != ERROR_NO_DATA) break;
    ::DisconnectNamedPipe(waiting.pipe.get());  // a client came and went: the instance is free for the next
  }
  return Arrival::impossible;
}

// Waits for a client; true if there is one.
bool wait_for_client(Waiting& waiting, DWORD timeout_ms) {
  const Arrival arrival = expect_client(waiting);
  if (arrival != Arrival::expected) return arrival == Arrival::here;
  if (::WaitForSingleObject(waiting.connected.get(), timeout_ms) != WAIT_OBJECT_0) return false;
  waiting.is_pending = false;
  DWORD ignored = 0;
  return ::GetOverlappedResult(waiting.pipe.get(), &waiting.operation, &ignored, TRUE) != FALSE;
}

Waiting& waiting_of(std::intptr_t handle) { return *reinterpret_cast<Waiting*>(handle); }

}  // namespace

Result<LocalListener> LocalListener::bind(const Path& address) {
  auto waiting = std::make_unique<Waiting>();
  waiting->name = pipe_name(address);
  if (const DWORD code = open_instance(*waiting, Instance::first); code != 0)
    return fail(ErrorKind::io, fmt::format("cannot listen at {}: {}", display(address), message_of(code)));
  return LocalListener(reinterpret_cast<std::intptr_t>(waiting.release()), address);
}

LocalListener::LocalListener(LocalListener&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), address_(std::move(other.address_)) {}
LocalListener& LocalListener::operator=(LocalListener&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(address_, other.address_);
  return *this;
}
LocalListener::~LocalListener() {
  if (handle_ != -1) delete &waiting_of(handle_);
}

Result<std::optional<LocalConnection>> LocalListener::accept(std::chrono::milliseconds timeout) {
  Waiting& waiting = waiting_of(handle_);
  const auto cannot_go_on = [&](DWORD code) {
    return fail(ErrorKind::io, fmt::format("cannot listen at {}: {}", display(address_), message_of(code)));
  };
  if (!waiting.pipe)  // the last call could not make the next instance
    if (const DWORD code = open_instance(waiting, Instance::further); code != 0) return cannot_go_on(code);
  if (!wait_for_client(waiting, to_wait(timeout))) return std::nullopt;
  Handle client = std::move(waiting.pipe);
  // The next instance before anything else: the name must not vanish, and other clients wait.
  const DWORD code = open_instance(waiting, Instance::further);
  if (!is_own_client(client.get())) return std::nullopt;
  if (code != 0) return cannot_go_on(code);
  return LocalConnection(make_channel(std::move(client)));
}

}  // namespace oc::base
