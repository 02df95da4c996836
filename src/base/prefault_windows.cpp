// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

namespace oc::base {

// No call gives fresh private memory its pages ahead: PrefetchVirtualMemory is for what was paged out or lies in files.
struct Prefault::Work {};

Prefault::Prefault() = default;
Prefault::~Prefault() = default;
void Prefault::reach(double) noexcept {}

}  // namespace oc::base
