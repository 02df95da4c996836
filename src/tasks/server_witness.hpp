// SPDX-License-Identifier: Apache-2.0
// A language server as the witness of a rename: started if it may be, asked about the symbol and about the doubts, and
// believed where the old name stands. Whatever it does, the rename goes on without it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "context/rename.hpp"
#include "edit/file_guard.hpp"
#include "sandbox/run_command.hpp"
#include "sandbox/trusted_commands.hpp"

namespace oc::tasks {

struct LanguageServerUse {
  std::vector<std::string> own_commands;  // "python: pylsp", before the usual ones
  sandbox::RunLimits limits;              // the time: for all of it
  std::vector<std::string> more_environment;
  // May it run in this project? Whoever says no tells why.
  std::function<base::Result<bool>(const std::string& server, const sandbox::ProjectCommand&)> may_start;
  std::function<void(const std::string& note)> tell;
};

// Everything must outlive the call. nullopt where there is no server, it may not be started, or it failed: told. Kinds:
// configuration (the user's list of commands), cancelled.
base::Result<std::optional<context::RenameTestimony>> hear_server(const LanguageServerUse& use,
                                                                  const context::RenameRequest& request,
                                                                  const edit::GuardOptions& guard,
                                                                  std::span<const context::RenameSpot> declarations,
                                                                  std::span<const context::RenameSpot> doubts,
                                                                  const base::CancelToken& cancel);

}  // namespace oc::tasks
