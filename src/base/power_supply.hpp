// SPDX-License-Identifier: Apache-2.0
// Whether the machine runs on its battery, by the files that Linux has about power supplies.
#pragma once

#include "base/path.hpp"

namespace oc::base {

// `folder`: /sys/class/power_supply, with a folder for each supply. False where there is none.
bool is_discharging(const Path& folder);

}  // namespace oc::base
