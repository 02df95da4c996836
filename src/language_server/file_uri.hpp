// SPDX-License-Identifier: Apache-2.0
// Names of files as "file:" URIs (RFC 8089) and back. Pure; whether a file may be touched is decided elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/path.hpp"

namespace oc::language_server {

enum class PathStyle { posix, windows };
inline constexpr PathStyle k_own_paths = base::Path::preferred_separator == '/' ? PathStyle::posix : PathStyle::windows;

// Of an absolute path, UTF-8. All but letters, digits and "-._~/" is percent-encoded, the colon of a drive excepted.
std::string uri_of_path(std::string_view path, PathStyle style = k_own_paths);

// The absolute path with '/' between its parts; drive letters are capitals. nullopt: another scheme, another machine
// (Windows: becomes "//machine/…"), a query, bytes that are encoded wrongly, a zero byte.
std::optional<std::string> path_of_uri(std::string_view uri, PathStyle style = k_own_paths);

}  // namespace oc::language_server
