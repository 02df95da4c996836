// SPDX-License-Identifier: Apache-2.0
// One file of a change: which of its two contents it has, and giving it the other one. The steps of change_journal.
#pragma once

#include "base/error.hpp"
#include "edit/change_store.hpp"

namespace oc::edit {

// both: the two contents are equal. stranger: neither.
enum class FileState { before, after, both, stranger };

inline bool is_at(FileState state, Side side) {
  return state == FileState::both || state == (side == Side::before ? FileState::before : FileState::after);
}

// Kind `io` where the file cannot be read.
base::Result<FileState> state_of(const FileChange& file);

// The file's bytes; nullopt when there is none. Kind `io`.
base::Result<std::optional<std::string>> read_now(const base::Path& path);

// Writes, makes or removes the file so that it is what that side says, durably, if it is not already; folders that were
// made for it come and go with it if they are empty, and a file that comes back has the mode that it had. Also ends
// what another process has begun. Kinds: `conflict` (it is neither of the two, just before it would be written), `io`.
base::Result<void> bring(const StoredFile& file, Side to);

// What a process that died while it wrote this file has left beside it.
void remove_left_temporaries(const base::Path& path);

}  // namespace oc::edit
