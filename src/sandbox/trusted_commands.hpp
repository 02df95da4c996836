// SPDX-License-Identifier: Apache-2.0
// Which commands of projects this user has confirmed, remembered by the hash of everything that makes the command: a
// changed one asks again. The file is the user's own, never the repository's. Asking is the caller's business.
#pragma once

#include <set>
#include <span>
#include <string>

#include "base/error.hpp"
#include "base/limited_process.hpp"
#include "base/path.hpp"

namespace oc::sandbox {

// Who wrote a command down. A user's own need no confirmation.
enum class CommandOrigin { user, project };

struct ProjectCommand {
  base::Path workspace;  // the project's top folder
  base::CommandWords command;
  base::Path folder;  // where it runs
  // SHA-256 over workspace (links resolved), kind, words, folder.
  std::string hash() const;
};

class TrustedCommands {
 public:
  // A missing file is an empty list; lines that are no hash are passed over. Kind `io` when it cannot be read.
  static base::Result<TrustedCommands> load(const base::Path& file);

  bool is_trusted(const ProjectCommand& command, CommandOrigin origin) const;
  // Adds them and writes the file (0600, its folder 0700). Of two processes that do so at once one may lose its entry:
  // that command is asked for again. Kind `io`.
  base::Result<void> remember(std::span<const ProjectCommand> commands);

 private:
  base::Path file_;
  std::set<std::string> hashes_;
};

// Where the list is kept: in the user's state folder.
base::Path trusted_commands_file(const base::Path& state_folder);

}  // namespace oc::sandbox
