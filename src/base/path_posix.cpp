// SPDX-License-Identifier: Apache-2.0
#include "base/path.hpp"

namespace oc::base {

std::string to_utf8(const Path& path) { return path.native(); }

Path path_from_utf8(std::string_view text) { return Path(text); }

}  // namespace oc::base
