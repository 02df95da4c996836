// SPDX-License-Identifier: Apache-2.0
#include "base/user_folders.hpp"

#include <algorithm>

#include "base/windows_api.hpp"

namespace oc::base {
namespace {

// The variable's folder, or else where it lies unless somebody moved it.
std::optional<Path> folder_of(const char* variable, const char* below_profile) {
  if (const auto value = environment_variable(variable); value && path_from_utf8(*value).is_absolute())
    return path_from_utf8(*value);
  const auto profile = environment_variable("USERPROFILE");
  if (!profile || !path_from_utf8(*profile).is_absolute()) return std::nullopt;
  return path_from_utf8(*profile) / "AppData" / below_profile;
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const std::wstring wide = windows::to_wide(name);
  std::wstring value(256, L'\0');
  for (;;) {  // the value may change between asking for its size and reading it
    const DWORD size = ::GetEnvironmentVariableW(wide.c_str(), value.data(), static_cast<DWORD>(value.size()));
    if (size == 0) return std::nullopt;
    const bool fits = size < value.size();
    value.resize(size);
    if (fits) return windows::to_narrow(value);
  }
}

std::vector<std::pair<std::string, std::string>> environment_variables(std::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> found;
  wchar_t* const block = ::GetEnvironmentStringsW();
  if (block == nullptr) return found;
  for (const wchar_t* entry = block; *entry != L'\0'; entry += std::char_traits<wchar_t>::length(entry) + 1) {
    const std::string text = windows::to_narrow(entry);
    const std::size_t equals = text.find('=', 1);  // "=C:=C:\\folder" are the system's own
    if (equals == std::string::npos || equals + 1 == text.size()) continue;
    std::string name = text.substr(0, equals);
    for (char& c : name)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (name.starts_with(prefix)) found.emplace_back(std::move(name), text.substr(equals + 1));
  }
  ::FreeEnvironmentStringsW(block);
  std::ranges::sort(found);
  return found;
}

void set_environment_variable(const char* name, const char* value) { (void)::_putenv_s(name, value); }

Result<UserFolders> find_user_folders() {
  if (const auto own = environment_variable("OFFLINE_CODER_HOME")) {
    std::error_code code;
    const Path home = std::filesystem::absolute(path_from_utf8(*own), code);
    if (code)
      return fail(ErrorKind::configuration, "OFFLINE_CODER_HOME is not a usable path", "set it to a folder of yours");
    return UserFolders{home / "config", home / "data", home / "state", home / "cache", home / "run"};
  }
  const auto roaming = folder_of("APPDATA", "Roaming");
  const auto local = folder_of("LOCALAPPDATA", "Local");
  if (!roaming || !local)
    return fail(ErrorKind::configuration, "this user has no profile folder",
                "set APPDATA and LOCALAPPDATA, or OFFLINE_CODER_HOME, to a folder of yours");
  const Path data = *local / "offline-coder";
  return UserFolders{*roaming / "offline-coder", data, data / "state", data / "cache", data / "run"};
}

}  // namespace oc::base
