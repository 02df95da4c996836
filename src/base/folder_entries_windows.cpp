// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstddef>

#include "base/folder_entries.hpp"
#include "base/windows_api.hpp"

namespace oc::base {
namespace {

using windows::Handle;
using windows::system_failure;
using windows::to_system;

constexpr DWORD k_share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
// 1970 in the system's count of 100 ns since 1601.
constexpr std::int64_t k_epoch = 116'444'736'000'000'000;

std::int64_t nanoseconds(std::int64_t file_time) { return (file_time - k_epoch) * 100; }

std::uint64_t join(DWORD high, DWORD low) { return (static_cast<std::uint64_t>(high) << 32) | low; }

// Links are symbolic links and junctions; other reparse points (a cloud folder's files) are what they stand for.
EntryKind kind_of(DWORD attributes, DWORD reparse_tag) {
  if ((attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 && IsReparseTagNameSurrogate(reparse_tag))
    return EntryKind::symlink;
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return EntryKind::folder;
  return (attributes & FILE_ATTRIBUTE_DEVICE) != 0 ? EntryKind::special : EntryKind::file;
}

FolderEntry entry_of(const FILE_ID_BOTH_DIR_INFO& info, std::wstring_view name, std::uint64_t device) {
  FolderEntry entry;
  entry.name = windows::to_narrow(name);
  entry.kind = kind_of(info.FileAttributes, info.EaSize);  // of a reparse point EaSize holds the tag
  entry.stamp.device = device;
  entry.stamp.inode = static_cast<std::uint64_t>(info.FileId.QuadPart);
  entry.stamp.size = info.EndOfFile.QuadPart;
  entry.stamp.modified_ns = nanoseconds(info.LastWriteTime.QuadPart);
  const bool is_known = info.ChangeTime.QuadPart != 0;
  entry.stamp.changed_ns = is_known ? nanoseconds(info.ChangeTime.QuadPart) : entry.stamp.modified_ns;
  return entry;
}

// Adds the entries of one answer of the system.
void take_entries(const std::byte* answer, std::uint64_t device, std::vector<FolderEntry>& entries) {
  for (;;) {
    const auto* info = reinterpret_cast<const FILE_ID_BOTH_DIR_INFO*>(answer);
    const std::wstring_view name(info->FileName, info->FileNameLength / sizeof(wchar_t));
    if (name != L"." && name != L"..") entries.push_back(entry_of(*info, name, device));
    if (info->NextEntryOffset == 0) return;
    answer += info->NextEntryOffset;
  }
}

}  // namespace

Result<std::vector<FolderEntry>> list_folder_entries(const Path& folder) {
  const Handle listing(::CreateFileW(to_system(folder).c_str(), FILE_LIST_DIRECTORY, k_share_all, nullptr,
                                     OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, nullptr));
  if (!listing) return system_failure("list", folder, ::GetLastError());
  BY_HANDLE_FILE_INFORMATION own{};
  if (!::GetFileInformationByHandle(listing.get(), &own)) return system_failure("list", folder, ::GetLastError());
  std::vector<FolderEntry> entries;
  alignas(8) std::array<std::byte, 65'536> answer;
  for (;;) {
    if (!::GetFileInformationByHandleEx(listing.get(), FileIdBothDirectoryInfo, answer.data(),
                                        static_cast<DWORD>(answer.size()))) {
      const DWORD code = ::GetLastError();
      if (code != ERROR_NO_MORE_FILES) return system_failure("list", folder, code);
      return entries;
    }
    take_entries(answer.data(), own.dwVolumeSerialNumber, entries);
  }
}

Result<std::optional<FolderEntry>> find_folder_entry(const Path& path) {
  const Handle file(::CreateFileW(to_system(path).c_str(), FILE_READ_ATTRIBUTES, k_share_all, nullptr, OPEN_EXISTING,
                                  FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
  if (!file) {
    const DWORD code = ::GetLastError();
    if (windows::is_not_found(code)) return std::nullopt;
    return system_failure("look at", path, code);
  }
  FolderEntry entry;
  entry.name = to_utf8(path.filename());
  if (::GetFileType(file.get()) != FILE_TYPE_DISK) {
    entry.kind = EntryKind::special;
    return entry;
  }
  BY_HANDLE_FILE_INFORMATION info{};
  FILE_BASIC_INFO times{};
  if (!::GetFileInformationByHandle(file.get(), &info) ||
      !::GetFileInformationByHandleEx(file.get(), FileBasicInfo, &times, sizeof times))
    return system_failure("look at", path, ::GetLastError());
  FILE_ATTRIBUTE_TAG_INFO tag{};  // stays 0 on file systems that know no reparse points
  (void)::GetFileInformationByHandleEx(file.get(), FileAttributeTagInfo, &tag, sizeof tag);
  entry.kind = kind_of(info.dwFileAttributes, tag.ReparseTag);
  entry.stamp.device = info.dwVolumeSerialNumber;
  entry.stamp.inode = join(info.nFileIndexHigh, info.nFileIndexLow);
  entry.stamp.size = static_cast<std::int64_t>(join(info.nFileSizeHigh, info.nFileSizeLow));
  entry.stamp.modified_ns = nanoseconds(times.LastWriteTime.QuadPart);
  const bool is_known = times.ChangeTime.QuadPart != 0;
  entry.stamp.changed_ns = is_known ? nanoseconds(times.ChangeTime.QuadPart) : entry.stamp.modified_ns;
  return entry;
}

std::int64_t file_clock_now_ns() {
  FILETIME now{};
  ::GetSystemTimeAsFileTime(&now);
  return nanoseconds(static_cast<std::int64_t>(join(now.dwHighDateTime, now.dwLowDateTime)));
}

}  // namespace oc::base
