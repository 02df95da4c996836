// SPDX-License-Identifier: Apache-2.0
// The standard library's conversions throw on ill-formed text; a file name on NTFS may hold unpaired surrogates.
#include "base/path.hpp"

#include "base/windows_api.hpp"

namespace oc::base {

std::string to_utf8(const Path& path) { return windows::to_narrow(path.generic_wstring()); }

Path path_from_utf8(std::string_view text) { return Path(windows::to_wide(text)); }

}  // namespace oc::base
