// SPDX-License-Identifier: Apache-2.0
// The folders of files.hpp: made, and looked at for who may enter them.
#include "base/files.hpp"

#include <aclapi.h>

#include <fmt/format.h>

#include "base/windows_api.hpp"

namespace oc::base {
namespace {

using windows::system_failure;
using windows::to_system;

Result<void> make_one_folder(const Path& path, SECURITY_ATTRIBUTES* security) {
  if (::CreateDirectoryW(to_system(path).c_str(), security)) return {};
  const DWORD code = ::GetLastError();
  const DWORD attributes = ::GetFileAttributesW(to_system(path).c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return {};
  return system_failure("create folder", path, code);
}

// Those who may enter whatever an access list says, and placeholders for the owner.
bool is_trusted(PSID user, const windows::UserId& own) {
  if (windows::is_same_user(own, user)) return true;
  for (const WELL_KNOWN_SID_TYPE kind :
       {WinLocalSystemSid, WinBuiltinAdministratorsSid, WinCreatorOwnerSid, WinCreatorOwnerRightsSid})
    if (::IsWellKnownSid(user, kind)) return true;
  return false;
}

// Does the list let in nobody but the trusted? A missing list lets in everybody.
bool is_private(PACL list, const windows::UserId& own) {
  if (list == nullptr) return false;
  for (DWORD i = 0; i < list->AceCount; ++i) {
    void* entry = nullptr;
    if (!::GetAce(list, i, &entry)) return false;
    const auto* header = static_cast<const ACE_HEADER*>(entry);
    if (header->AceType == ACCESS_DENIED_ACE_TYPE) continue;
    if (header->AceType != ACCESS_ALLOWED_ACE_TYPE) return false;
    if (!is_trusted(&static_cast<ACCESS_ALLOWED_ACE*>(entry)->SidStart, own)) return false;
  }
  return true;
}

}  // namespace

Result<void> make_folder(const Path& path, FileAccess access) {
  const DWORD attributes = ::GetFileAttributesW(to_system(path).c_str());
  if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY) != 0) return {};
  if (path.has_parent_path() && path.has_relative_path() && path.parent_path() != path)
    OC_CHECK(make_folder(path.parent_path()));
  if (path.filename().empty()) return {};  // "a/b/": made as the parent
  if (access == FileAccess::shared) return make_one_folder(path, nullptr);
  windows::OwnerOnly owner;
  if (owner.get() == nullptr) return system_failure("create folder", path, ERROR_ACCESS_DENIED);
  return make_one_folder(path, owner.get());
}

Result<void> check_private_folder(const Path& path) {
  const windows::Handle folder(::CreateFileW(to_system(path).c_str(), READ_CONTROL | FILE_READ_ATTRIBUTES,
                                             FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
                                             OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT,
                                             nullptr));
  if (!folder) return system_failure("look at", path, ::GetLastError());
  BY_HANDLE_FILE_INFORMATION info{};
  if (!::GetFileInformationByHandle(folder.get(), &info)) return system_failure("look at", path, ::GetLastError());
  PSID owner = nullptr;
  PACL list = nullptr;
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  const DWORD code =
      ::GetSecurityInfo(folder.get(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                        nullptr, &list, nullptr, &descriptor);
  if (code != ERROR_SUCCESS) return system_failure("look at", path, code);
  const windows::UserId own = windows::own_user();
  const bool is_folder =
      (info.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) == FILE_ATTRIBUTE_DIRECTORY;
  // What an elevated process of an administrator made belongs to the group.
  const bool is_own = windows::is_same_user(own, owner) || ::IsWellKnownSid(owner, WinBuiltinAdministratorsSid);
  const bool is_alone = is_folder && is_own && is_private(list, own);
  ::LocalFree(descriptor);
  if (is_alone) return {};
  return fail(ErrorKind::denied, fmt::format("folder {} is not this user's alone", display(path)),
              "remove it, or take all other users from its access list");
}

}  // namespace oc::base
