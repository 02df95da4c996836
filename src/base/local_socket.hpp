// SPDX-License-Identifier: Apache-2.0
// Byte streams between two processes of one user on one machine: a Unix-domain socket, on Windows a named pipe whose
// name is made from the path. Both sides check that the other belongs to this user.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::base {

// One connection. One thread may read while another writes; not two of a kind. Closing from a third thread: shut_down.
class LocalConnection {
 public:
  // nullopt: nobody listens there (no file, or a stale one). Kind `denied` if the listener is another user's.
  static Result<std::optional<LocalConnection>> connect(const Path& address);

  LocalConnection(LocalConnection&& other) noexcept;
  LocalConnection& operator=(LocalConnection&& other) noexcept;
  ~LocalConnection();

  enum class ReadState { line, timeout, closed };
  struct ReadOutcome {
    ReadState state = ReadState::closed;
    std::string line;  // without its "\n"
  };
  // The next line; waits at most `timeout`. A line longer than `line_limit` bytes is an error (kind `engine`).
  Result<ReadOutcome> read_line(std::chrono::milliseconds timeout, std::size_t line_limit);
  // Writes all; blocks while the peer does not read, in all at most `patience` and a second for each 10 MB (then
  // kind `engine`): one that reads a little now and then is no better than one that does not. No SIGPIPE.
  Result<void> write_all(std::string_view bytes, std::chrono::milliseconds patience = std::chrono::seconds(10));
  // Wakes a reader of the connection, which then sees `closed`; safe from any thread.
  void shut_down();

 private:
  friend class LocalListener;
  explicit LocalConnection(std::intptr_t handle) : handle_(handle) {}
  std::intptr_t handle_ = -1;
  std::string buffered_;
  std::size_t scanned_ = 0;  // bytes of buffered_ that hold no newline
};

// Accepts connections; unbinds when destroyed.
class LocalListener {
 public:
  // Takes the address, replacing a stale socket file. The caller makes sure nobody else listens (FileLock).
  static Result<LocalListener> bind(const Path& address);
  LocalListener(LocalListener&& other) noexcept;
  LocalListener& operator=(LocalListener&& other) noexcept;
  ~LocalListener();

  // The next client of this user; nullopt after `timeout`. Clients of other users are turned away.
  Result<std::optional<LocalConnection>> accept(std::chrono::milliseconds timeout);
  const Path& address() const { return address_; }

 private:
  LocalListener(std::intptr_t handle, Path address) : handle_(handle), address_(std::move(address)) {}
  std::intptr_t handle_ = -1;
  Path address_;
};

}  // namespace oc::base
