// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <string>

namespace oc::base {
namespace {

// "max" is no number.
std::optional<std::int64_t> number_in(const Path& file) {
  std::ifstream in(file);
  std::int64_t value = 0;
  if (in >> value) return value;
  return std::nullopt;
}

// Shared memory is not among them: nothing else has what it holds.
std::int64_t bytes_of_files(const Path& folder) {
  std::ifstream in(folder / "memory.stat");
  std::int64_t sum = 0, value = 0;
  for (std::string key; in >> key >> value;)
    if (key == "inactive_file" || key == "active_file") sum += value;
  return sum;
}

}  // namespace

std::optional<int> cgroup_cpu_limit(const Path& folder) {
  std::ifstream in(folder / "cpu.max");  // "max 100000": no limit
  double quota = 0, period = 0;
  constexpr double most = 4096;
  if (!(in >> quota >> period) || period <= 0) return std::nullopt;
  return static_cast<int>(std::ceil(std::clamp(quota / period, 1.0, most)));
}

std::optional<CgroupMemory> cgroup_memory(const Path& folder) {
  const auto limit = number_in(folder / "memory.max");
  if (!limit) return std::nullopt;
  const std::int64_t used = number_in(folder / "memory.current").value_or(0) - bytes_of_files(folder);
  return CgroupMemory{ByteCount(*limit), ByteCount(std::clamp<std::int64_t>(*limit - used, 0, *limit))};
}

}  // namespace oc::base
