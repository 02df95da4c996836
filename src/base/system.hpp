// SPDX-License-Identifier: Apache-2.0
// Facts about the machine that decisions are made from.
#pragma once

#include <cstdint>
#include <string>

#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

// Physical cores this process may use (affinity and cgroup limits counted, SMT siblings not); at least 1.
int physical_core_count();
// With SMT siblings; the system's, or what the cgroup's quota pays for; at least 1.
int logical_core_count();

struct MemoryFacts {
  ByteCount total;
  ByteCount available;  // what can be used without swapping; in a container no more than its limit leaves
};
MemoryFacts memory_facts();
// Peak and current resident memory of this process.
ByteCount resident_memory();
// Gives back the memory that holds pages of a mapped file; what is touched again is read again. Does nothing where the
// system has no way to.
void drop_mapped_pages(const Path& file);
bool can_drop_mapped_pages();
// Running on its battery; false where nobody can tell.
bool is_on_battery();
// "Linux 6.1 x86_64", for reports.
std::string system_description();

}  // namespace oc::base
