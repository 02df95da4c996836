// SPDX-License-Identifier: Apache-2.0
// Files of things that can be computed again: written fast (nothing is synced, so after a crash of the machine a file
// may hold anything, and whoever reads it must check it), read without following links, with a time that tells the last
// use. What files.hpp has is for files that must survive. Errors are kind `io` unless said.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

// Creates or replaces the file with the pieces, one after the other: a temporary file beside it, rename, no sync. This
// user alone may read it (0600). A link of that name is replaced, not followed; a folder of that name is an error.
// `modified_ns` is the file's time from its first moment on. On failure no temporary file stays.
Result<void> write_cache_file(const Path& path, std::span<const std::string_view> pieces, std::int64_t modified_ns);

// The bytes of a regular file of at most `limit`, in one copy; nullopt: nothing has that name. A link, a folder, a
// device is an error; kind `too_large` for a longer file; kind `denied` when it belongs to another user or others may
// write it (POSIX; on Windows the folder's access list is what guards it).
Result<std::optional<std::string>> read_cache_file(const Path& path, ByteCount limit);

// Nanoseconds since 1970, as FileStamp::modified_ns; kept as finely as the file system does. A link's own time.
// false: nothing has that name.
Result<bool> set_file_time(const Path& path, std::int64_t modified_ns);

// The name of the file that `name` was to become, if it is a temporary one of write_cache_file's; else nothing.
// Lexical.
std::optional<std::string_view> find_target_of_temporary(std::string_view name);
// Deletes a temporary file whose writer is gone, however it ended. false: somebody is still writing it.
Result<bool> remove_abandoned_temporary(const Path& path);

}  // namespace oc::base
