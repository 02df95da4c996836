// SPDX-License-Identifier: Apache-2.0
// Windows only, for the *_windows.cpp files beside it: handles that close themselves, UTF-16, paths of any length, the
// system's messages, and the security descriptor "this user alone". What it is used for is the other files' matter.
#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::base::windows {

// Owns a kernel handle; both nullptr and INVALID_HANDLE_VALUE mean none.
class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) : handle_(handle == INVALID_HANDLE_VALUE ? nullptr : handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Handle() { close(); }

  explicit operator bool() const { return handle_ != nullptr; }
  HANDLE get() const { return handle_; }
  HANDLE release() { return std::exchange(handle_, nullptr); }
  void close() {
    if (handle_ != nullptr) ::CloseHandle(std::exchange(handle_, nullptr));
  }

 private:
  HANDLE handle_ = nullptr;
};

// Ill-formed UTF-8 becomes U+FFFD, unpaired surrogates too.
std::wstring to_wide(std::string_view text);
std::string to_narrow(std::wstring_view text);
// The path as system calls want it: backslashes, and "\\?\" before one that is too long without.
std::wstring to_system(const Path& path);
// "Access is denied": the system's words, without its full stop and line end.
std::string message_of(DWORD code);
// An `io` error: "cannot ATTEMPT 'PATH': REASON".
std::unexpected<Error> system_failure(std::string_view attempt, const Path& path, DWORD code);
bool is_not_found(DWORD code);

// The binary SID of the user a process runs as; empty if that cannot be found out.
using UserId = std::vector<unsigned char>;
UserId own_user();
UserId user_of_process(DWORD process_id);
bool is_same_user(const UserId& a, PSID b);

// Security attributes that make a new object belong to this user and let nobody else in.
class OwnerOnly {
 public:
  OwnerOnly();
  OwnerOnly(const OwnerOnly&) = delete;
  OwnerOnly& operator=(const OwnerOnly&) = delete;
  ~OwnerOnly();
  // nullptr when they could not be made: the caller must fail then, since nullptr means "the default" to the system.
  SECURITY_ATTRIBUTES* get() { return attributes_.lpSecurityDescriptor == nullptr ? nullptr : &attributes_; }

 private:
  SECURITY_ATTRIBUTES attributes_{};
};

}  // namespace oc::base::windows
