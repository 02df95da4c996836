// SPDX-License-Identifier: Apache-2.0
// Whole files, read and replaced. Errors are kind `io` with the file's name and the system's reason, unless said.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"

namespace oc::base {

// What a file is now, cheaply: used to notice that it changed.
struct FileFacts {
  ByteCount size;
  std::int64_t modified_ns = 0;  // since an epoch of the system's own; only equality means something
  bool is_regular = false;
  bool is_symlink = false;  // the name itself is one; the other facts are those of its target
  bool operator==(const FileFacts&) const = default;
};

// nullopt: nothing has that name. Does not block on FIFOs.
Result<std::optional<FileFacts>> find_file_facts(const Path& path);

// May this user write to the file, or make files in the folder? Cheap, leaves nothing behind; what is really written
// may fail all the same (a full disk). A link is followed. false for what does not exist.
bool is_writable(const Path& path);

// The bytes of a regular file of at most `limit` bytes. Never blocks on a FIFO or device: those are refused.
// A longer file is refused with kind `too_large`, its size in the message.
Result<std::string> read_file(const Path& path, ByteCount limit);
// `count` bytes of a file from `begin` on, fewer if it is shorter.
Result<std::string> read_part(const Path& path, ByteCount begin, ByteCount count);
inline Result<std::string> read_head(const Path& path, ByteCount count) { return read_part(path, ByteCount(0), count); }
// Everything on standard input, at most `limit` bytes (else kind `too_large`). Blocks until end of file.
Result<std::string> read_standard_input(ByteCount limit);

// Who may read a new file: everyone the umask allows, or the user alone (0600).
enum class FileAccess { shared, owner_only };

// Replaces the file's bytes or creates it: temporary file in the same folder, sync, rename, sync of the folder.
// After a crash the old bytes or the new ones are there, whole. An existing file keeps its mode. A symlink's target is
// replaced, not the link. On failure (disk full …) the old file is untouched and no temporary file stays.
Result<void> replace_file(const Path& path, std::string_view bytes, FileAccess access = FileAccess::shared);
// As replace_file, for a name that must not exist yet: kind `conflict` if it does, decided atomically.
Result<void> create_file(const Path& path, std::string_view bytes, FileAccess access = FileAccess::shared);

// Creates a folder and its parents; owner_only folders get mode 0700 (the last one only).
Result<void> make_folder(const Path& path, FileAccess access = FileAccess::shared);
// Fails (kind `denied`) unless the folder belongs to this user and nobody else may enter it. POSIX: uid and mode 0700.
Result<void> check_private_folder(const Path& path);
Result<void> remove_file(const Path& path);  // a missing file is no error
// Copies a file of any size through a temporary name; `progress` is called with the bytes done and returns false to
// cancel (kind `cancelled`).
Result<void> copy_file(const Path& from, const Path& to, bool (*progress)(ByteCount done, void* user), void* user);
// A name for the same file: hard link where the file system allows it, else a symbolic link.
Result<void> link_file(const Path& from, const Path& to);

// An exclusive lock on a file, held until destroyed or the process ends, however it ends. The file is never deleted.
class FileLock {
 public:
  // nullopt: somebody else holds it.
  static Result<std::optional<FileLock>> try_acquire(const Path& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(std::intptr_t handle) : handle_(handle) {}
  std::intptr_t handle_ = -1;
};

}  // namespace oc::base
