// SPDX-License-Identifier: Apache-2.0
// What a container may use: the files of Linux's cgroup v2, which say it. Where there are none, nothing is limited.
#pragma once

#include <optional>

#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

// CPUs that the quota pays for, at least 1; nullopt: all.
std::optional<int> cgroup_cpu_limit(const Path& folder);

struct CgroupMemory {
  ByteCount limit;
  ByteCount available;  // with what the pages of files give back when it is needed
};
// nullopt: no limit.
std::optional<CgroupMemory> cgroup_memory(const Path& folder);

}  // namespace oc::base
