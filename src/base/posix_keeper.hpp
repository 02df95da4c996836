// SPDX-License-Identifier: Apache-2.0
// POSIX only: the small process between run_limited and the program it runs. It is a copy of this process that calls
// nothing but what is safe after a fork, adopts whatever the program leaves behind, and ends all of it.
#pragma once

#include <cstdint>

namespace oc::base::posix {

// Everything is prepared before the fork; nothing is owned.
struct KeeperOrder {
  const char* program = nullptr;  // absolute
  char* const* arguments = nullptr;
  char* const* environment = nullptr;
  const char* folder = nullptr;
  int input = -1;            // becomes the program's standard input
  int output = -1;           // its standard output
  int errors = -1;           // its standard error; may be the same as `output`
  int control = -1;          // when this can be read or is at its end, the program is to end
  int status = -1;           // KeeperReports go here
  std::int64_t time_ms = 0;  // 0: no limit, here and below
  std::int64_t file_bytes = 0;
  std::int64_t address_bytes = 0;
};

struct KeeperReport {
  enum Kind : std::int32_t {
    started,      // value: process id, which is its session's, too
    bad_folder,   // value: errno
    bad_program,  // value: errno
    ended,        // by itself, value: wait status; nothing is left of it, here and below
    ended_on_order,
    ended_late,
  };
  std::int32_t kind = started;
  std::int32_t value = 0;
};

// In the child of a fork, with all signals blocked. At the end the process exits.
[[noreturn]] void keep(const KeeperOrder& order);

// How long the keeper needs at most from the moment the program is to end to its last report.
inline constexpr int k_keeper_patience_ms = 10'000;

}  // namespace oc::base::posix
