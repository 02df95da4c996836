// SPDX-License-Identifier: Apache-2.0
// POSIX only: what a process and all that descend from it use now.
#pragma once

#include <sys/types.h>

#include <optional>

#include "base/units.hpp"

namespace oc::base::posix {

struct TreeUse {
  int processes = 0;
  ByteCount memory;  // resident, without what is shared with files
};

// Of the descendants of `root`, without itself. nullopt where the system does not tell. One file is read for each
// process of the machine: some milliseconds.
std::optional<TreeUse> measure_tree(pid_t root);

// All processes there are, of whomever: cheap, so that it can be asked when there are very many. nullopt as above.
std::optional<int> count_processes();

// Do these work on this kind of system?
inline constexpr bool k_can_measure_tree =
#ifdef __linux__
    true;
#else
    false;
#endif

}  // namespace oc::base::posix
