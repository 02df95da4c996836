// SPDX-License-Identifier: Apache-2.0
// The last steps of every command that changes files: which may be changed, the diff, the question, the journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/invocation.hpp"
#include "edit/change.hpp"
#include "edit/change_journal.hpp"
#include "edit/file_guard.hpp"

namespace oc::cli {

// Where this workspace keeps the journal of its changes.
base::Path journal_folder(const Invocation& invocation);
// Tells what was recovered. Waits so long while another process changes files here. Kinds: conflict, io.
base::Result<edit::ChangeJournal> open_journal(Invocation& invocation,
                                               std::chrono::milliseconds patience = edit::ChangeJournal::k_patience);
// For the start of every command: finishes or takes back what a process that died has left, and says so. Costs one look
// at the disk where there is nothing; never fails the command.
void recover_changes(Invocation& invocation);

// `names` of --allow are relative to the working directory.
edit::GuardOptions guard_options(const Invocation& invocation, const std::vector<std::string>& names);

enum class DiffStream { results, errors };
void show_change(Console& console, const edit::Change& change, DiffStream stream);

// implied: the user named a file that was not there, so there is nothing to lose: neither diff nor question.
enum class Consent { ask, given, implied };

struct Landed {
  std::int64_t id = 0;             // of the change, for undo
  std::vector<std::string> files;  // as shown
};

// Shows the diff, asks, looks again whether the files may be changed, writes. Kinds: `denied` (nobody said yes, or the
// guard), `conflict` (a file changed since), `cancelled`, `io`: then nothing is changed.
base::Result<Landed> land(Invocation& invocation, const edit::Change& change, const edit::GuardOptions& guard,
                          Consent consent);

// How --check ends: the diff on standard output, 1 if there is one.
base::Result<int> show_only(Invocation& invocation, const edit::Change& change);

}  // namespace oc::cli
