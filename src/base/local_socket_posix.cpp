// SPDX-License-Identifier: Apache-2.0
#include "base/local_socket.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/clock.hpp"

namespace oc::base {
namespace {

#ifdef MSG_NOSIGNAL
constexpr int k_send_flags = MSG_NOSIGNAL;
#else
constexpr int k_send_flags = 0;  // macOS: SO_NOSIGPIPE on the socket instead
#endif

constexpr std::size_t k_slowest_bytes_per_ms = 10'000;
constexpr double k_queue_patience_ms = 5000;
constexpr std::chrono::milliseconds k_queue_poll(5);

Result<sockaddr_un> make_address(const Path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string text = path.string();
  if (text.size() >= sizeof address.sun_path)
    return fail(ErrorKind::configuration,
                fmt::format("socket name {} is {} bytes long, the system allows {}", display(path), text.size(),
                            sizeof address.sun_path - 1),
                "set OFFLINE_CODER_HOME or XDG_RUNTIME_DIR to a shorter path");
  std::memcpy(address.sun_path, text.c_str(), text.size() + 1);
  return address;
}

int open_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd < 0) return fd;
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
#ifdef SO_NOSIGPIPE
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on);
#endif
  return fd;
}

bool is_own_peer(int fd) {
#ifdef __linux__
  ucred peer{};
  socklen_t size = sizeof peer;
  return ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == ::geteuid();
#else
  uid_t uid = 0;
  gid_t gid = 0;
  return ::getpeereid(fd, &uid, &gid) == 0 && uid == ::geteuid();
#endif
}

bool wait_for(int fd, short events, std::chrono::milliseconds timeout) {
  pollfd polled{fd, events, 0};
  return ::poll(&polled, 1, static_cast<int>(timeout.count())) > 0;
}

// Where more wait than the listener's queue holds, a blocking call would wait for as long as nobody accepts. 0, or
// errno.
int connect_soon(int fd, const sockaddr_un& name) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0) return errno;
  const Stopwatch watch;
  int code = 0;
  do {
    if (code != 0) std::this_thread::sleep_for(k_queue_poll);
    code = ::connect(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0 ? 0 : errno;
  } while (code == EAGAIN && watch.elapsed_ms() < k_queue_patience_ms);
  if (::fcntl(fd, F_SETFL, flags) != 0 && code == 0) code = errno;
  return code;
}

}  // namespace

Result<std::optional<LocalConnection>> LocalConnection::connect(const Path& address) {
  OC_TRY(const sockaddr_un name, make_address(address));
  const int fd = open_socket();
  if (fd < 0) return fail(ErrorKind::io, fmt::format("cannot open a socket: {}", std::strerror(errno)));
  LocalConnection connection(fd);
  if (const int code = connect_soon(fd, name); code != 0) {
    if (code == ENOENT || code == ECONNREFUSED || code == ENOTDIR) return std::nullopt;
    return fail(ErrorKind::io, fmt::format("cannot connect to {}: {}", display(address), std::strerror(code)));
  }
  if (!is_own_peer(fd))
    return fail(ErrorKind::denied, fmt::format("the program listening at {} is another user's", display(address)));
  return connection;
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
  if (handle_ >= 0) ::close(static_cast<int>(handle_));
}

Result<LocalConnection::ReadOutcome> LocalConnection::read_line(std::chrono::milliseconds timeout,
                                                                std::size_t line_limit) {
  const Stopwatch watch;
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
    const auto left = timeout - std::chrono::milliseconds(static_cast<std::int64_t>(watch.elapsed_ms()));
    if (!wait_for(static_cast<int>(handle_), POLLIN, std::max(left, std::chrono::milliseconds(0))))
      return ReadOutcome{ReadState::timeout, {}};
    char bytes[1 << 16];
    const ssize_t n = ::recv(static_cast<int>(handle_), bytes, sizeof bytes, 0);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n <= 0) return ReadOutcome{ReadState::closed, {}};
    buffered_.append(bytes, static_cast<std::size_t>(n));
  }
}

Result<void> LocalConnection::write_all(std::string_view bytes, std::chrono::milliseconds patience) {
  const Stopwatch watch;
  const auto limit = patience + std::chrono::milliseconds(bytes.size() / k_slowest_bytes_per_ms);
  while (!bytes.empty()) {
    const ssize_t n = ::send(static_cast<int>(handle_), bytes.data(), bytes.size(), k_send_flags | MSG_DONTWAIT);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN)
      return fail(ErrorKind::engine, fmt::format("the connection is gone: {}", std::strerror(errno)));
    const auto left = limit - std::chrono::milliseconds(static_cast<std::int64_t>(watch.elapsed_ms()));
    if (left.count() < 0 || !wait_for(static_cast<int>(handle_), POLLOUT, left))
      return fail(ErrorKind::engine, "the peer does not read what it is sent");
  }
  return {};
}

void LocalConnection::shut_down() {
  if (handle_ >= 0) ::shutdown(static_cast<int>(handle_), SHUT_RDWR);
}

Result<LocalListener> LocalListener::bind(const Path& address) {
  OC_TRY(const sockaddr_un name, make_address(address));
  const int fd = open_socket();
  if (fd < 0) return fail(ErrorKind::io, fmt::format("cannot open a socket: {}", std::strerror(errno)));
  LocalListener listener(fd, address);
  ::unlink(address.c_str());
  const mode_t before = ::umask(0177);  // the socket file is created 0600
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name) == 0;
  const int code = errno;
  ::umask(before);
  if (!bound || ::listen(fd, 64) != 0)
    return fail(ErrorKind::io,
                fmt::format("cannot listen at {}: {}", display(address), std::strerror(bound ? errno : code)));
  return listener;
}

LocalListener::LocalListener(LocalListener&& other) noexcept
    : handle_(std::exchange(other.handle_, -1)), address_(std::move(other.address_)) {}
LocalListener& LocalListener::operator=(LocalListener&& other) noexcept {
  std::swap(handle_, other.handle_);
  std::swap(address_, other.address_);
  return *this;
}
LocalListener::~LocalListener() {
  if (handle_ < 0) return;
  ::unlink(address_.c_str());
  ::close(static_cast<int>(handle_));
}

Result<std::optional<LocalConnection>> LocalListener::accept(std::chrono::milliseconds timeout) {
  if (!wait_for(static_cast<int>(handle_), POLLIN, timeout)) return std::nullopt;
  const int fd = ::accept(static_cast<int>(handle_), nullptr, nullptr);
  if (fd < 0) {  // the client is gone already, or there is no room for it: who waits is not asked about without a pause
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) std::this_thread::sleep_for(timeout);
    return std::nullopt;
  }
  ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  LocalConnection connection(fd);
  if (!is_own_peer(fd)) return std::nullopt;
  return connection;
}

}  // namespace oc::base
