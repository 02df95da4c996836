// SPDX-License-Identifier: Apache-2.0
#include "base/user_folders.hpp"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

extern char** environ;

namespace oc::base {
namespace {

std::optional<Path> home_folder() {
  if (const auto home = environment_variable("HOME")) return Path(*home);
  if (const struct passwd* entry = ::getpwuid(::getuid()); entry != nullptr && entry->pw_dir != nullptr)
    return Path(entry->pw_dir);
  return std::nullopt;
}

// The XDG rule: a relative value is ignored.
Path base_folder(const char* variable, const Path& fallback) {
  const auto value = environment_variable(variable);
  const Path base = value && Path(*value).is_absolute() ? Path(*value) : fallback;
  return base / "offline-coder";
}

}  // namespace

std::optional<std::string> environment_variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return std::string(value);
}

std::vector<std::pair<std::string, std::string>> environment_variables(std::string_view prefix) {
  std::vector<std::pair<std::string, std::string>> found;
  if (environ == nullptr) return found;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals + 1 == text.size() || !text.starts_with(prefix)) continue;
    if (equals < prefix.size()) continue;  // the prefix reaches into the value
    found.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  std::ranges::sort(found);
  return found;
}

void set_environment_variable(const char* name, const char* value) {
  (void)::setenv(name, value, 1);  // fails only for a name with '=' or without memory
}

Result<UserFolders> find_user_folders() {
  if (const auto own = environment_variable("OFFLINE_CODER_HOME")) {
    std::error_code code;
    const Path home = std::filesystem::absolute(*own, code);
    if (code)
      return fail(ErrorKind::configuration, "OFFLINE_CODER_HOME is relative and there is no current folder",
                  "set it to an absolute path");
    return UserFolders{home / "config", home / "data", home / "state", home / "cache", home / "run"};
  }
  const auto home = home_folder();
  if (!home)
    return fail(ErrorKind::configuration, "this user has no home folder",
                "set HOME or OFFLINE_CODER_HOME to a folder of yours");
  UserFolders folders;
  folders.config = base_folder("XDG_CONFIG_HOME", *home / ".config");
  folders.data = base_folder("XDG_DATA_HOME", *home / ".local/share");
  folders.state = base_folder("XDG_STATE_HOME", *home / ".local/state");
  folders.cache = base_folder("XDG_CACHE_HOME", *home / ".cache");
  if (const auto runtime = environment_variable("XDG_RUNTIME_DIR"); runtime && Path(*runtime).is_absolute())
    folders.runtime = Path(*runtime) / "offline-coder";
  else
    folders.runtime =
        Path(environment_variable("TMPDIR").value_or("/tmp")) / fmt::format("offline-coder-{}", ::getuid());
  return folders;
}

}  // namespace oc::base
