// SPDX-License-Identifier: Apache-2.0
#include "base/windows_api.hpp"

#include <sddl.h>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::base::windows {
namespace {

// Below this a path needs no prefix; folders may have 12 characters less than MAX_PATH.
constexpr std::size_t k_short_path = MAX_PATH - 16;

std::optional<UserId> user_of_token(HANDLE token) {
  DWORD size = 0;
  ::GetTokenInformation(token, TokenUser, nullptr, 0, &size);
  std::vector<unsigned char> buffer(size);
  if (size == 0 || !::GetTokenInformation(token, TokenUser, buffer.data(), size, &size)) return std::nullopt;
  const PSID sid = reinterpret_cast<const TOKEN_USER*>(buffer.data())->User.Sid;
  const auto* bytes = static_cast<const unsigned char*>(sid);
  return UserId(bytes, bytes + ::GetLengthSid(sid));
}

UserId user_of(HANDLE process) {
  HANDLE token = nullptr;
  if (!::OpenProcessToken(process, TOKEN_QUERY, &token)) return {};
  const Handle owner(token);
  return user_of_token(token).value_or(UserId());
}

}  // namespace

std::wstring to_wide(std::string_view text) {
  const int size = static_cast<int>(text.size());
  std::wstring wide(static_cast<std::size_t>(::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, nullptr, 0)), L'\0');
  ::MultiByteToWideChar(CP_UTF8, 0, text.data(), size, wide.data(), static_cast<int>(wide.size()));
  return wide;
}

std::string to_narrow(std::wstring_view text) {
  const int size = static_cast<int>(text.size());
  const int needed = ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, nullptr, 0, nullptr, nullptr);
  std::string narrow(static_cast<std::size_t>(needed), '\0');
  ::WideCharToMultiByte(CP_UTF8, 0, text.data(), size, narrow.data(), needed, nullptr, nullptr);
  return narrow;
}

std::wstring to_system(const Path& path) {
  std::wstring text = Path(path).make_preferred().native();
  if (text.size() < k_short_path && path.is_absolute()) return text;
  if (text.starts_with(LR"(\\?\)") || text.starts_with(LR"(\\.\)")) return text;
  std::wstring full(static_cast<std::size_t>(::GetFullPathNameW(text.c_str(), 0, nullptr, nullptr)), L'\0');
  full.resize(::GetFullPathNameW(text.c_str(), static_cast<DWORD>(full.size()), full.data(), nullptr));
  if (full.size() < k_short_path) return text;
  return full.starts_with(LR"(\\)") ? LR"(\\?\UNC\)" + full.substr(2) : LR"(\\?\)" + full;
}

std::string message_of(DWORD code) {
  wchar_t buffer[512];
  const DWORD size = ::FormatMessageW(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, code, 0,
                                      buffer, static_cast<DWORD>(std::size(buffer)), nullptr);
  std::string text(trim(to_narrow({buffer, size})));
  if (text.ends_with('.')) text.pop_back();
  return text.empty() ? fmt::format("system error {}", code) : text;
}

std::unexpected<Error> system_failure(std::string_view attempt, const Path& path, DWORD code) {
  const bool exists = code == ERROR_FILE_EXISTS || code == ERROR_ALREADY_EXISTS;
  std::string hint;
  if (code == ERROR_DISK_FULL || code == ERROR_HANDLE_DISK_FULL)
    hint = "free some space and run the command again; nothing was changed";
  if (code == ERROR_SHARING_VIOLATION || code == ERROR_LOCK_VIOLATION)
    hint = "close the program that has the file open and run the command again";
  return fail(exists ? ErrorKind::conflict : ErrorKind::io,
              fmt::format("cannot {} {}: {}", attempt, display(path), message_of(code)), hint);
}

bool is_not_found(DWORD code) {
  return code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || code == ERROR_INVALID_NAME ||
         code == ERROR_DIRECTORY || code == ERROR_BAD_PATHNAME;
}

UserId own_user() { return user_of(::GetCurrentProcess()); }

UserId user_of_process(DWORD process_id) {
  const Handle process(::OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, process_id));
  return process ? user_of(process.get()) : UserId();
}

bool is_same_user(const UserId& a, PSID b) {
  // EqualSid only reads, but takes a pointer to non-const.
  return !a.empty() && b != nullptr && ::EqualSid(const_cast<unsigned char*>(a.data()), b) != FALSE;
}

OwnerOnly::OwnerOnly() {
  attributes_.nLength = sizeof attributes_;
  UserId user = own_user();
  wchar_t* sid = nullptr;
  if (user.empty() || !::ConvertSidToStringSidW(user.data(), &sid)) return;
  // Owner: the user (an administrator's default is the group); a protected list with one entry, inherited by contents.
  const std::wstring text = to_wide(fmt::format("O:{0}D:P(A;OICI;GA;;;{0})", to_narrow(sid)));
  ::LocalFree(sid);
  if (!::ConvertStringSecurityDescriptorToSecurityDescriptorW(text.c_str(), SDDL_REVISION_1,
                                                              &attributes_.lpSecurityDescriptor, nullptr))
    attributes_.lpSecurityDescriptor = nullptr;
}

OwnerOnly::~OwnerOnly() {
  if (attributes_.lpSecurityDescriptor != nullptr) ::LocalFree(attributes_.lpSecurityDescriptor);
}

}  // namespace oc::base::windows
