// SPDX-License-Identifier: Apache-2.0
#include "base/user_folders.hpp"
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

Result<UserFolders> find_user_folders() {
  if (const auto own = environment_variable("OFFLINE_CODER_HOME")) {
    std::error_code code;
    const Path home = std::filesystem::absolute(path_from_utf8(*own), code);
    if (code)
      return fail(ErrorKind::configuration, "OFFLINE_CODER_HOME is not a usable path", "set it to a folder of yours");
    return UserFolders{home / "config", home / "data", home / "state", home / "run"};
  }
  const auto roaming = folder_of("APPDATA", "Roaming");
  const auto local = folder_of("LOCALAPPDATA", "Local");
  if (!roaming || !local)
    return fail(ErrorKind::configuration, "this user has no profile folder",
                "set APPDATA and LOCALAPPDATA, or OFFLINE_CODER_HOME, to a folder of yours");
  const Path data = *local / "offline-coder";
  return UserFolders{*roaming / "offline-coder", data, data / "state", data / "run"};
}

}  // namespace oc::base
