// SPDX-License-Identifier: Apache-2.0
#include "sandbox/environment.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/user_folders.hpp"

namespace oc::sandbox {
namespace {

// What programs need to find themselves, their settings and their tools. No credentials, no agents, no proxies, nothing
// that makes a program load code (LD_PRELOAD), and nothing unknown.
constexpr auto k_allowed = std::to_array<std::string_view>({
    // the user and the system
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_*",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_STATE_HOME",
    // Windows
    "SystemRoot",
    "SystemDrive",
    "windir",
    "COMSPEC",
    "PATHEXT",
    "USERNAME",
    "USERPROFILE",
    "HOMEDRIVE",
    "HOMEPATH",
    "APPDATA",
    "LOCALAPPDATA",
    "ALLUSERSPROFILE",
    "ProgramData",
    "ProgramFiles*",
    "ProgramW6432",
    "CommonProgram*",
    "PROCESSOR_*",
    "NUMBER_OF_PROCESSORS",
    "OS",
    // C, C++ and what builds them
    "CC",
    "CXX",
    "AR",
    "LD",
    "CFLAGS",
    "CXXFLAGS",
    "CPPFLAGS",
    "LDFLAGS",
    "CPATH",
    "C_INCLUDE_PATH",
    "CPLUS_INCLUDE_PATH",
    "LIBRARY_PATH",
    "CMAKE_*",
    "CTEST_*",
    "NINJA_STATUS",
    "PKG_CONFIG_*",
    "CCACHE_*",
    "VCPKG_ROOT",
    "CONAN_HOME",
    "INCLUDE",
    "LIB",
    "LIBPATH",
    "VSINSTALLDIR",
    "VCINSTALLDIR",
    "VCToolsInstallDir",
    "WindowsSdkDir",
    "DEVELOPER_DIR",
    "SDKROOT",
    "MACOSX_DEPLOYMENT_TARGET",
    // Java and Kotlin
    "JAVA_HOME",
    "JDK_HOME",
    "M2_HOME",
    "MAVEN_HOME",
    "GRADLE_HOME",
    "GRADLE_USER_HOME",
    "ANDROID_HOME",
    "ANDROID_SDK_ROOT",
    "ANDROID_NDK_ROOT",
    // Go
    "GOPATH",
    "GOROOT",
    "GOCACHE",
    "GOMODCACHE",
    "GOBIN",
    "GOFLAGS",
    "GOOS",
    "GOARCH",
    "GOTOOLCHAIN",
    "CGO_ENABLED",
    // Rust
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUSTFLAGS",
    // Python
    "VIRTUAL_ENV",
    "PYTHONPATH",
    "PYTHONHOME",
    "PYENV_ROOT",
    "PYENV_VERSION",
    "CONDA_PREFIX",
    "CONDA_DEFAULT_ENV",
    // JavaScript
    "NODE_PATH",
    "NVM_DIR",
    "NVM_BIN",
    "VOLTA_HOME",
    "PNPM_HOME",
    "FNM_DIR",
    "FNM_MULTISHELL_PATH",
    // Ruby, PHP, .NET, Swift, Haskell, and tools that choose versions of others
    "GEM_HOME",
    "GEM_PATH",
    "RBENV_ROOT",
    "RBENV_VERSION",
    "BUNDLE_GEMFILE",
    "COMPOSER_HOME",
    "DOTNET_ROOT",
    "NUGET_PACKAGES",
    "GHCUP_INSTALL_BASE_PREFIX",
    "ASDF_DIR",
    "ASDF_DATA_DIR",
    "MISE_DATA_DIR",
    "NIX_PATH",
    "NIX_PROFILES",
    "NIX_SSL_CERT_FILE",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
});
constexpr auto k_set =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"NO_COLOR", "1"}, {"TERM", "dumb"}});

std::string in_one_case(std::string_view name) {
  constexpr bool k_has_case = base::Path::preferred_separator == '/';
  std::string text(name);
  if (!k_has_case)
    std::ranges::transform(text, text.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return text;
}

bool matches(std::string_view pattern, const std::string& name) {
  if (!pattern.ends_with('*')) return in_one_case(pattern) == in_one_case(name);
  return in_one_case(name).starts_with(in_one_case(pattern.substr(0, pattern.size() - 1)));
}

}  // namespace

std::vector<std::string> allowed_environment(std::span<const Variable> all, std::span<const std::string> more_names) {
  const auto is_in = [](const auto& patterns, const std::string& name) {
    return std::ranges::any_of(patterns, [&](std::string_view pattern) { return matches(pattern, name); });
  };
  std::vector<std::string> allowed;
  for (const auto& [name, value] : all) {
    const bool is_set = std::ranges::any_of(k_set, [&](const auto& set) { return matches(set.first, name); });
    if (!is_set && (is_in(k_allowed, name) || is_in(more_names, name)))
      allowed.push_back(fmt::format("{}={}", name, value));
  }
  for (const auto& [name, value] : k_set) allowed.push_back(fmt::format("{}={}", name, value));
  std::ranges::sort(allowed);
  return allowed;
}

std::vector<std::string> current_environment(std::span<const std::string> more_names) {
  return allowed_environment(base::environment_variables(""), more_names);
}

}  // namespace oc::sandbox
