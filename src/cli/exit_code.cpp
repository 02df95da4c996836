// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.hpp"

namespace oc::cli {

int exit_code(base::ErrorKind kind) {
  switch (kind) {
    case base::ErrorKind::negative: return k_exit_negative;
    case base::ErrorKind::usage: return 2;
    case base::ErrorKind::configuration: return 3;
    case base::ErrorKind::model: return 4;
    case base::ErrorKind::too_large: return 5;
    case base::ErrorKind::conflict: return 6;
    case base::ErrorKind::denied: return 7;
    case base::ErrorKind::engine: return 8;
    case base::ErrorKind::io: return 9;
    case base::ErrorKind::internal: return 70;
    case base::ErrorKind::cancelled: return 130;
  }
  return 70;
}

}  // namespace oc::cli
