// SPDX-License-Identifier: Apache-2.0
// What stands in a folder, with the stamps that tell whether a file is still the same. One system call a name; nothing
// is opened but the folder, so FIFOs and devices cannot block.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::base {

// Two equal stamps: the same bytes, unless the file was written within the clock's tick of being read (see is_racy).
struct FileStamp {
  std::uint64_t device = 0;      // POSIX st_dev · Windows volume serial
  std::uint64_t inode = 0;       // POSIX st_ino · Windows file id
  std::int64_t size = 0;         // bytes
  std::int64_t modified_ns = 0;  // since 1970, UTC
  std::int64_t changed_ns = 0;   // of the metadata (ctime); Windows: ChangeTime, or modified_ns where unknown
  bool operator==(const FileStamp&) const = default;
};

enum class EntryKind { file, folder, symlink, special };  // a link is never followed

struct FolderEntry {
  std::string name;  // POSIX: the bytes, may not be UTF-8; Windows: UTF-8
  EntryKind kind = EntryKind::file;
  FileStamp stamp;
};

// All entries but "." and "..", in no order. One that vanishes meanwhile is left out. Kind `io` if the folder cannot be
// read.
Result<std::vector<FolderEntry>> list_folder_entries(const Path& folder);

// nullopt: nothing has that name. The link itself, not its target.
Result<std::optional<FolderEntry>> find_folder_entry(const Path& path);

// Nanoseconds since 1970, of the same clock that stamps files.
std::int64_t file_clock_now_ns();

// May the file have been written after it was read at `read_at_ns` without its stamp showing it? git's racy rule, with
// room for the tick of the clock (2 s where a file system only keeps whole seconds).
bool is_racy(const FileStamp& stamp, std::int64_t read_at_ns);

}  // namespace oc::base
