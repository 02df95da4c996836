// SPDX-License-Identifier: Apache-2.0
#include "base/cache_files.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "base/windows_api.hpp"

namespace oc::base {
namespace {

using windows::Handle;
using windows::system_failure;
using windows::to_system;

constexpr DWORD k_share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
constexpr DWORD k_own_file = FILE_FLAG_OPEN_REPARSE_POINT | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
// 1970 in the system's count of 100 ns since 1601.
constexpr std::int64_t k_epoch = 116'444'736'000'000'000;

FILETIME time_of(std::int64_t modified_ns) {
  const auto ticks = static_cast<std::uint64_t>(modified_ns / 100 + k_epoch);
  FILETIME time{};
  time.dwLowDateTime = static_cast<DWORD>(ticks & 0xFFFF'FFFFU);
  time.dwHighDateTime = static_cast<DWORD>(ticks >> 32);
  return time;
}

// The error of the failed write, 0 when all was written.
DWORD write_all(HANDLE file, std::string_view bytes) {
  while (!bytes.empty()) {
    DWORD n = 0;
    const auto part = static_cast<DWORD>(std::min(bytes.size(), std::size_t{1} << 24));
    if (!::WriteFile(file, bytes.data(), part, &n, nullptr)) return ::GetLastError();
    bytes.remove_prefix(n);
  }
  return 0;
}

// While it is written nobody else may delete it: that says that the writer lives (remove_abandoned_temporary).
Result<Handle> open_temporary(const Path& path, Path& name) {
  windows::OwnerOnly owner;
  if (owner.get() == nullptr) return system_failure("write", path, ERROR_ACCESS_DENIED);
  static std::atomic<unsigned> counter{0};
  constexpr int attempts = 100;  // a process that died may have left such a name
  for (int attempt = 1;; ++attempt) {
    name = path;
    name += fmt::format(".{}-{}.tmp", ::GetCurrentProcessId(), counter++);
    Handle file(::CreateFileW(to_system(name).c_str(), GENERIC_WRITE, FILE_SHARE_READ, owner.get(), CREATE_NEW,
                              FILE_ATTRIBUTE_NORMAL, nullptr));
    if (file) return file;
    const DWORD code = ::GetLastError();
    if (code != ERROR_FILE_EXISTS || attempt == attempts) return system_failure("write", path, code);
  }
}

// `bytes` holds what was read, at most `size`. The error of the failed read, 0 when the end or `size` was reached.
DWORD read_up_to(HANDLE file, std::size_t size, std::string& bytes) {
  DWORD code = 0;
  // Not resize(): that would write zeros over all of it first.
  bytes.resize_and_overwrite(size, [&](char* buffer, std::size_t room) {
    std::size_t used = 0;
    while (used < room) {
      DWORD n = 0;
      const auto part = static_cast<DWORD>(std::min(room - used, std::size_t{1} << 30));
      if (!::ReadFile(file, buffer + used, part, &n, nullptr)) code = ::GetLastError();
      if (code != 0 || n == 0) break;
      used += n;
    }
    return used;
  });
  return code;
}

}  // namespace

Result<void> write_cache_file(const Path& path, std::span<const std::string_view> pieces, std::int64_t modified_ns) {
  Path name;
  OC_TRY(Handle file, open_temporary(path, name));
  DWORD code = 0;
  for (const std::string_view piece : pieces)
    if (code == 0) code = write_all(file.get(), piece);
  const FILETIME time = time_of(modified_ns);
  if (code == 0 && !::SetFileTime(file.get(), nullptr, nullptr, &time)) code = ::GetLastError();
  file.close();
  if (code == 0 && !::MoveFileExW(to_system(name).c_str(), to_system(path).c_str(), MOVEFILE_REPLACE_EXISTING))
    code = ::GetLastError();
  if (code == 0) return {};
  ::DeleteFileW(to_system(name).c_str());
  return system_failure("write", path, code);
}

Result<std::optional<std::string>> read_cache_file(const Path& path, ByteCount limit) {
  const Handle file(::CreateFileW(to_system(path).c_str(), GENERIC_READ, k_share_all, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_SEQUENTIAL_SCAN | k_own_file, nullptr));
  if (!file) {
    const DWORD code = ::GetLastError();
    if (windows::is_not_found(code)) return std::nullopt;
    return system_failure("read", path, code);
  }
  BY_HANDLE_FILE_INFORMATION info{};
  if (::GetFileType(file.get()) != FILE_TYPE_DISK || !::GetFileInformationByHandle(file.get(), &info) ||
      (info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) != 0)
    return fail(ErrorKind::io, fmt::format("cannot read {}: it is not a regular file", display(path)));
  const std::int64_t size = (static_cast<std::int64_t>(info.nFileSizeHigh) << 32) | info.nFileSizeLow;
  if (size > limit.value)
    return fail(ErrorKind::too_large, fmt::format("{} is too large: {}, at most {} are read", display(path),
                                                  format_bytes(ByteCount(size)), format_bytes(limit)));
  std::string bytes;
  if (const DWORD code = read_up_to(file.get(), static_cast<std::size_t>(size), bytes); code != 0)
    return system_failure("read", path, code);
  return bytes;
}

Result<bool> set_file_time(const Path& path, std::int64_t modified_ns) {
  const Handle file(::CreateFileW(to_system(path).c_str(), FILE_WRITE_ATTRIBUTES, k_share_all, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_BACKUP_SEMANTICS | k_own_file, nullptr));
  const FILETIME time = time_of(modified_ns);
  if (file && ::SetFileTime(file.get(), nullptr, nullptr, &time)) return true;
  const DWORD code = ::GetLastError();
  if (windows::is_not_found(code)) return false;
  return system_failure("set the time of", path, code);
}

Result<bool> remove_abandoned_temporary(const Path& path) {
  if (::DeleteFileW(to_system(path).c_str())) return true;
  const DWORD code = ::GetLastError();
  if (windows::is_not_found(code)) return true;
  if (code == ERROR_SHARING_VIOLATION) return false;
  return system_failure("delete", path, code);
}

}  // namespace oc::base
