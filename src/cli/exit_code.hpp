// SPDX-License-Identifier: Apache-2.0
// The one table from kinds of errors to exit codes (docs/cli.md).
#pragma once

#include "base/error.hpp"

namespace oc::cli {

inline constexpr int k_exit_done = 0;
inline constexpr int k_exit_negative = 1;

int exit_code(base::ErrorKind kind);

}  // namespace oc::cli
