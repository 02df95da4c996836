// SPDX-License-Identifier: Apache-2.0
// Writing an edited file so that nobody's work is lost: new files only where nothing is, existing ones only if they
// still hold what the edit was made from. Whether the edit is wanted was decided before.
#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::edit {

// The bytes that write_existing writes, for showing a diff before: unchanged lines keep their line ends, other lines
// get that of the first line of `old_bytes`, and a byte order mark stays or stays away. New text may have any line
// ends. Applying it twice is the same as once.
std::string in_form_of(std::string_view old_bytes, std::string_view new_text);

// Creates the file with exactly these bytes. Kind `conflict` if something has that name, decided atomically; `io`.
base::Result<void> write_new(const base::Path& path, std::string_view text);

// Replaces the file's bytes by in_form_of(expected_old_bytes, new_text). Kind `conflict` if the file is gone or holds
// anything else than `expected_old_bytes` just before it is replaced; `io`. On failure the file is untouched.
base::Result<void> write_existing(const base::Path& path, std::string_view expected_old_bytes,
                                  std::string_view new_text);

}  // namespace oc::edit
