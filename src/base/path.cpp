// SPDX-License-Identifier: Apache-2.0
#include "base/path.hpp"

#include "base/text.hpp"

namespace oc::base {

std::string to_utf8(const Path& path) {
  const std::u8string text = path.generic_u8string();
  return {text.begin(), text.end()};
}

Path path_from_utf8(std::string_view text) { return Path(std::u8string(text.begin(), text.end())); }

std::string display(const Path& path) { return in_quotes(to_utf8(path)); }

bool is_inside(const Path& path, const Path& folder) {
  const Path below = path.lexically_normal().lexically_relative(folder.lexically_normal());
  return !below.empty() && *below.begin() != "..";
}

Path relative_to(const Path& path, const Path& folder) {
  return is_inside(path, folder) ? path.lexically_normal().lexically_relative(folder.lexically_normal()) : path;
}

}  // namespace oc::base
