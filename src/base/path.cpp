// SPDX-License-Identifier: Apache-2.0
#include "base/path.hpp"

#include "base/text.hpp"

namespace oc::base {

std::string display(const Path& path) { return in_quotes(to_utf8(path)); }

bool is_inside(const Path& path, const Path& folder) {
  const Path below = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !below.empty() && *below.begin() != "..";
}

Path relative_to(const Path& path, const Path& folder) {
  return is_inside(path, folder) ? path.lexically_normal().lexically_relative(folder.lexically_normal()) : path;
}

}  // namespace oc::base
