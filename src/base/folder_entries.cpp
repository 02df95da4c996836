// SPDX-License-Identifier: Apache-2.0
#include "base/folder_entries.hpp"

#include <algorithm>

namespace oc::base {
namespace {

constexpr std::int64_t k_second_ns = 1'000'000'000;
// Systems stamp files with a clock that ticks every 1 to 16 ms.
constexpr std::int64_t k_tick_ns = 20'000'000;
constexpr std::int64_t k_coarse_tick_ns = 2 * k_second_ns;  // FAT counts in pairs of seconds

}  // namespace

bool is_racy(const FileStamp& stamp, std::int64_t read_at_ns) {
  const bool whole_seconds = stamp.modified_ns % k_second_ns == 0 && stamp.changed_ns % k_second_ns == 0;
  const std::int64_t tick = whole_seconds ? k_coarse_tick_ns : k_tick_ns;
  return std::max(stamp.modified_ns, stamp.changed_ns) >= read_at_ns - tick;
}

}  // namespace oc::base
