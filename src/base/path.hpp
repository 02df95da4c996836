// SPDX-License-Identifier: Apache-2.0
// Paths are std::filesystem::path everywhere; text only at the border: UTF-8 on Windows, the bytes elsewhere.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace oc::base {

using Path = std::filesystem::path;

// Bytes of the path as UTF-8 (POSIX: unchanged, may be any bytes), with '/' between parts.
std::string to_utf8(const Path& path);
Path path_from_utf8(std::string_view text);
// The path for a message: quoted, control characters escaped.
std::string display(const Path& path);
// `path` relative to `folder` if it lies inside, else unchanged. Purely lexical.
Path relative_to(const Path& path, const Path& folder);
// Is `path` `folder` itself or below it? Lexical, both absolute.
bool is_inside(const Path& path, const Path& folder);

}  // namespace oc::base
