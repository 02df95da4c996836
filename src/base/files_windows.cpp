// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <aclapi.h>

#include <atomic>
#include <cstring>
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
// Whoever listens at a pipe that a hostile path names may not act in our name.
constexpr DWORD k_no_impersonation = SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION;
// Virus scanners and indexers hold new files open for moments; a rename is tried again for half a second.
constexpr int k_rename_attempts = 10;
constexpr DWORD k_rename_pause_ms = 50;
// FileRenameInfoEx, which the headers of mingw-w64 10 hide for all but a value of _WIN32_WINNT that does not exist.
constexpr auto k_rename_info_ex = static_cast<FILE_INFO_BY_HANDLE_CLASS>(22);

// Works for folders, too (FILE_FLAG_BACKUP_SEMANTICS).
Handle open_existing(const Path& path, DWORD access, DWORD flags = 0) {
  return Handle(::CreateFileW(to_system(path).c_str(), access, k_share_all, nullptr, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS | k_no_impersonation | flags, nullptr));
}

std::unexpected<Error> not_regular(std::string_view attempt, const Path& path, std::string_view what) {
  return fail(ErrorKind::io, fmt::format("cannot {} {}: it is {}", attempt, display(path), what));
}

constexpr std::int64_t join(DWORD high, DWORD low) { return (static_cast<std::int64_t>(high) << 32) | low; }

// A symbolic link or a junction; not the other reparse points (files of a cloud folder are ordinary files).
bool is_link(const Path& path, DWORD attributes) {
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) == 0) return false;
  WIN32_FIND_DATAW found{};
  const HANDLE search = ::FindFirstFileW(to_system(path).c_str(), &found);
  if (search == INVALID_HANDLE_VALUE) return false;
  ::FindClose(search);
  return IsReparseTagNameSurrogate(found.dwReserved0);
}

// Empty: it leads nowhere.
Path resolve_link(const Path& path) {
  const Handle target = open_existing(path, FILE_READ_ATTRIBUTES);
  std::wstring name(32'768, L'\0');
  const DWORD size = target ? ::GetFinalPathNameByHandleW(target.get(), name.data(), static_cast<DWORD>(name.size()),
                                                          FILE_NAME_NORMALIZED | VOLUME_NAME_DOS)
                            : 0;
  if (size == 0 || size >= name.size()) return {};
  name.resize(size);
  return Path(name);
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

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

// A new file that is deleted again unless it was renamed to its final name.
class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const Path& target, FileAccess access) {
    windows::OwnerOnly owner;
    SECURITY_ATTRIBUTES* security = access == FileAccess::owner_only ? owner.get() : nullptr;
    if (access == FileAccess::owner_only && security == nullptr)
      return system_failure("write", target, ERROR_ACCESS_DENIED);
    static std::atomic<unsigned> counter{0};
    constexpr int attempts = 100;  // a process that died may have left such a name
    for (int attempt = 1;; ++attempt) {
      Path name = folder_of(target) / fmt::format(".offline-coder-{}-{}.tmp", ::GetCurrentProcessId(), counter++);
      Handle file(::CreateFileW(to_system(name).c_str(), GENERIC_WRITE | DELETE | READ_CONTROL | WRITE_DAC,
                                FILE_SHARE_READ, security, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, nullptr));
      if (file) return TemporaryFile(std::move(file), std::move(name));
      const DWORD code = ::GetLastError();
      if (code != ERROR_FILE_EXISTS || attempt == attempts) return system_failure("write", target, code);
    }
  }
  TemporaryFile(TemporaryFile&&) noexcept = default;
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    file_.close();
    if (!name_.empty()) ::DeleteFileW(to_system(name_).c_str());
  }

  HANDLE get() const { return file_.get(); }
  const Path& name() const { return name_; }
  // 0, or why the file could not be brought to its final name; `flags` for MoveFileExW.
  DWORD finish(const Path& target, DWORD flags) {
    if (!::FlushFileBuffers(file_.get())) return ::GetLastError();
    if (rename_over_readers(target, flags)) return 0;
    file_.close();
    for (int attempt = 1;; ++attempt) {
      if (::MoveFileExW(to_system(name_).c_str(), to_system(target).c_str(), flags | MOVEFILE_WRITE_THROUGH)) break;
      const DWORD code = ::GetLastError();
      const bool is_held = code == ERROR_ACCESS_DENIED || code == ERROR_SHARING_VIOLATION;
      if (!is_held || attempt == k_rename_attempts) return code;
      ::Sleep(k_rename_pause_ms);
    }
    name_.clear();
    return 0;
  }

 private:
  // Since Windows 10 1809, on NTFS: also while somebody reads the old file. Fails elsewhere, without harm.
  bool rename_over_readers(const Path& target, DWORD flags) {
    std::error_code code;
    const std::wstring name = to_system(std::filesystem::absolute(target, code));
    if (code) return false;
    std::vector<unsigned char> storage(sizeof(FILE_RENAME_INFO) + name.size() * sizeof(wchar_t));
    auto* info = reinterpret_cast<FILE_RENAME_INFO*>(storage.data());
    info->Flags = FILE_RENAME_FLAG_POSIX_SEMANTICS;
    if ((flags & MOVEFILE_REPLACE_EXISTING) != 0) info->Flags |= FILE_RENAME_FLAG_REPLACE_IF_EXISTS;
    info->FileNameLength = static_cast<DWORD>(name.size() * sizeof(wchar_t));
    std::memcpy(info->FileName, name.data(), info->FileNameLength);
    if (!::SetFileInformationByHandle(file_.get(), k_rename_info_ex, info, static_cast<DWORD>(storage.size())))
      return false;
    name_.clear();
    (void)::FlushFileBuffers(file_.get());  // the new name, too; should that fail the rename is done all the same
    return true;
  }

  TemporaryFile(Handle file, Path name) : file_(std::move(file)), name_(std::move(name)) {}
  Handle file_;
  Path name_;  // empty: renamed
};

// Gives the new file the access list and the attributes of the one it replaces, as far as the file system has them.
void copy_mode(const Path& existing, DWORD attributes, const TemporaryFile& to) {
  const Handle from = open_existing(existing, READ_CONTROL);
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  if (from && ::GetSecurityInfo(from.get(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr, nullptr, &list, nullptr,
                                &descriptor) == ERROR_SUCCESS) {
    SECURITY_DESCRIPTOR_CONTROL control = 0;
    DWORD revision = 0;
    ::GetSecurityDescriptorControl(descriptor, &control, &revision);
    const bool is_protected = (control & SE_DACL_PROTECTED) != 0;
    const DWORD inheritance =
        is_protected ? PROTECTED_DACL_SECURITY_INFORMATION : UNPROTECTED_DACL_SECURITY_INFORMATION;
    ::SetSecurityInfo(to.get(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION | inheritance, nullptr, nullptr, list,
                      nullptr);
    ::LocalFree(descriptor);
  }
  const DWORD kept = attributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED);
  if (kept != 0) ::SetFileAttributesW(to_system(to.name()).c_str(), kept | FILE_ATTRIBUTE_ARCHIVE);
}

// Locked bytes cannot be read by others: the one that is locked lies where no file has any.
OVERLAPPED lock_place() {
  OVERLAPPED place{};
  place.OffsetHigh = MAXLONG;
  return place;
}

}  // namespace

Result<std::optional<FileFacts>> find_file_facts(const Path& path) {
  WIN32_FILE_ATTRIBUTE_DATA own{};
  if (!::GetFileAttributesExW(to_system(path).c_str(), GetFileExInfoStandard, &own)) {
    const DWORD code = ::GetLastError();
    if (windows::is_not_found(code)) return std::nullopt;
    if (code != ERROR_SHARING_VIOLATION && code != ERROR_INVALID_PARAMETER)
      return system_failure("look at", path, code);
  }
  FileFacts facts;
  facts.is_symlink = is_link(path, own.dwFileAttributes);
  facts.size = ByteCount(join(own.nFileSizeHigh, own.nFileSizeLow));
  facts.modified_ns = join(own.ftLastWriteTime.dwHighDateTime, own.ftLastWriteTime.dwLowDateTime);
  const Handle target = open_existing(path, FILE_READ_ATTRIBUTES);
  if (!target) return facts;  // a dangling link, or nothing may be learnt about it
  BY_HANDLE_FILE_INFORMATION info{};
  if (::GetFileType(target.get()) != FILE_TYPE_DISK || !::GetFileInformationByHandle(target.get(), &info)) return facts;
  facts.size = ByteCount(join(info.nFileSizeHigh, info.nFileSizeLow));
  facts.modified_ns = join(info.ftLastWriteTime.dwHighDateTime, info.ftLastWriteTime.dwLowDateTime);
  facts.is_regular = (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
  return facts;
}

bool is_writable(const Path& path) {
  const DWORD attributes = ::GetFileAttributesW(to_system(path).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return false;
  // A folder's own attributes say nothing about who may make files in it.
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0)
    return TemporaryFile::create(path / "x", FileAccess::owner_only).has_value();
  return static_cast<bool>(open_existing(path, FILE_WRITE_DATA));
}

Result<std::string> read_file(const Path& path, ByteCount limit) {
  const Handle file = open_existing(path, GENERIC_READ, FILE_FLAG_SEQUENTIAL_SCAN);
  if (!file) return system_failure("read", path, ::GetLastError());
  if (::GetFileType(file.get()) != FILE_TYPE_DISK) return not_regular("read", path, "not a regular file");
  BY_HANDLE_FILE_INFORMATION info{};
  if (!::GetFileInformationByHandle(file.get(), &info)) return system_failure("read", path, ::GetLastError());
  if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return not_regular("read", path, "a folder");
  const auto too_large = [&](std::int64_t size) {
    return fail(ErrorKind::too_large, fmt::format("{} is too large: {}, at most {} are read", display(path),
                                                  format_bytes(ByteCount(size)), format_bytes(limit)));
  };
  const std::int64_t size = join(info.nFileSizeHigh, info.nFileSizeLow);
  if (size > limit.value) return too_large(size);
  std::string bytes(static_cast<std::size_t>(size) + 1, '\0');
  std::size_t used = 0;
  for (;;) {  // the file may grow meanwhile: read until the end, not until the size
    if (used == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
    const auto room = static_cast<DWORD>(std::min(bytes.size() - used, std::size_t{1} << 30));
    DWORD n = 0;
    if (!::ReadFile(file.get(), bytes.data() + used, room, &n, nullptr))
      return system_failure("read", path, ::GetLastError());
    if (n == 0) break;
    used += n;
    if (static_cast<std::int64_t>(used) > limit.value) return too_large(static_cast<std::int64_t>(used));
  }
  bytes.resize(used);
  return bytes;
}

Result<void> replace_file(const Path& path, std::string_view bytes, FileAccess access) {
  Path target = path;
  DWORD attributes = ::GetFileAttributesW(to_system(target).c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES && is_link(path, attributes)) {
    target = resolve_link(path);
    if (target.empty()) return not_regular("write", path, "a link that leads nowhere");
    attributes = ::GetFileAttributesW(to_system(target).c_str());
  }
  const bool exists = attributes != INVALID_FILE_ATTRIBUTES;
  if (exists && (attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_DEVICE)) != 0)
    return not_regular("write", path, "not a regular file");
  if (exists && (attributes & FILE_ATTRIBUTE_READONLY) != 0) return system_failure("write", path, ERROR_ACCESS_DENIED);
  OC_TRY(TemporaryFile temporary, TemporaryFile::create(target, access));
  if (exists) copy_mode(target, attributes, temporary);  // before the bytes: nobody new may read them
  if (const DWORD code = write_all(temporary.get(), bytes); code != 0) return system_failure("write", path, code);
  // One rename, not ReplaceFileW: that one takes steps between which a crash leaves no file of this name.
  if (const DWORD code = temporary.finish(target, MOVEFILE_REPLACE_EXISTING); code != 0)
    return system_failure("write", path, code);
  return {};
}

Result<void> create_file(const Path& path, std::string_view bytes, FileAccess access) {
  if (::GetFileAttributesW(to_system(path).c_str()) != INVALID_FILE_ATTRIBUTES)
    return system_failure("create", path, ERROR_FILE_EXISTS);
  OC_TRY(TemporaryFile temporary, TemporaryFile::create(path, access));
  if (const DWORD code = write_all(temporary.get(), bytes); code != 0) return system_failure("create", path, code);
  if (const DWORD code = temporary.finish(path, 0); code != 0) return system_failure("create", path, code);
  return {};
}

Result<void> copy_file(const Path& from, const Path& to, bool (*progress)(ByteCount, void*), void* user) {
  const Handle in = open_existing(from, GENERIC_READ, FILE_FLAG_SEQUENTIAL_SCAN);
  if (!in) return system_failure("read", from, ::GetLastError());
  if (::GetFileType(in.get()) != FILE_TYPE_DISK) return not_regular("read", from, "not a regular file");
  OC_TRY(TemporaryFile temporary, TemporaryFile::create(to, FileAccess::shared));
  std::string buffer(1 << 20, '\0');
  ByteCount done;
  for (;;) {
    DWORD n = 0;
    if (!::ReadFile(in.get(), buffer.data(), static_cast<DWORD>(buffer.size()), &n, nullptr))
      return system_failure("read", from, ::GetLastError());
    if (n == 0) break;
    if (const DWORD code = write_all(temporary.get(), {buffer.data(), n}); code != 0)
      return system_failure("write", to, code);
    done += ByteCount(n);
    if (!progress(done, user)) return fail(ErrorKind::cancelled, fmt::format("copy of {} stopped", display(from)));
  }
  if (const DWORD code = temporary.finish(to, MOVEFILE_REPLACE_EXISTING); code != 0)
    return system_failure("write", to, code);
  return {};
}

Result<std::optional<FileLock>> FileLock::try_acquire(const Path& path) {
  windows::OwnerOnly owner;
  if (owner.get() == nullptr) return system_failure("lock", path, ERROR_ACCESS_DENIED);
  Handle file(::CreateFileW(to_system(path).c_str(), GENERIC_READ | GENERIC_WRITE, k_share_all, owner.get(),
                            OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL | k_no_impersonation, nullptr));
  if (!file) return system_failure("lock", path, ::GetLastError());
  OVERLAPPED place = lock_place();
  if (!::LockFileEx(file.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &place)) {
    const DWORD code = ::GetLastError();
    if (code == ERROR_LOCK_VIOLATION || code == ERROR_IO_PENDING) return std::nullopt;
    return system_failure("lock", path, code);
  }
  return FileLock(reinterpret_cast<std::intptr_t>(file.release()));
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
FileLock::~FileLock() {
  if (handle_ == -1) return;
  const Handle file(reinterpret_cast<HANDLE>(handle_));
  OVERLAPPED place = lock_place();
  ::UnlockFileEx(file.get(), 0, 1, 0, &place);  // closing alone unlocks "at some time"
}

}  // namespace oc::base
