// SPDX-License-Identifier: Apache-2.0
// What is done with a damaged file whose contents cannot be made again: it is kept, under another name.
#pragma once

#include "base/path.hpp"

namespace oc::storage {

// Renames the file and SQLite's log beside it, which may have the newest bytes; the name it has now. Nobody may have it
// open. What cannot be renamed stays where it is.
base::Path put_aside(const base::Path& file);

}  // namespace oc::storage
