// SPDX-License-Identifier: Apache-2.0
#include "base/cache_files.hpp"

#include <algorithm>

namespace oc::base {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

// TARGET.PROCESS-COUNT.tmp
std::optional<std::string_view> find_target_of_temporary(std::string_view name) {
  constexpr std::string_view end = ".tmp";
  if (!name.ends_with(end)) return std::nullopt;
  name.remove_suffix(end.size());
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return std::nullopt;
  const std::string_view numbers = name.substr(dot + 1);
  const std::size_t dash = numbers.find('-');
  if (dash == std::string_view::npos || !is_number(numbers.substr(0, dash)) || !is_number(numbers.substr(dash + 1)))
    return std::nullopt;
  return name.substr(0, dot);
}

}  // namespace oc::base
