// SPDX-License-Identifier: Apache-2.0
// SQLite's codes as errors of the project. For the .cpp files of this folder.
#pragma once

#include "base/error.hpp"

struct sqlite3;

namespace oc::storage {

// `database` may be null. Kind `io`; damage is what is_damage() finds.
[[nodiscard]] std::unexpected<base::Error> sqlite_failure(sqlite3* database, int code);

}  // namespace oc::storage
