// SPDX-License-Identifier: Apache-2.0
// Where the engine is and how it is started.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/user_folders.hpp"
#include "protocol/messages.hpp"

namespace oc::engine_client {

// The engine beside this program; OFFLINE_CODER_ENGINE names another. Kind `engine` when there is none.
base::Result<base::Path> find_engine_program();

struct EngineOptions {
  base::Path program;
  base::UserFolders folders;
  std::string version;  // of this program: an engine of another version is replaced
  double idle_seconds = 1800;
  std::int64_t memory_bytes = 0;  // 0: what is available
  std::int64_t kv_bytes = 0;      // of computed KV on disk
  // Of what is asked beside answers: to load the model, to count, to forecast.
  protocol::Priority priority = protocol::Priority::interactive;
  bool is_ahead = false;  // nobody waits for it: it loads no model in place of another one, nor with other settings
};

// The engine's log, for messages.
base::Path log_file(const base::UserFolders& folders);
// Makes the folders of socket and log where they are missing, and keeps the log short. Kinds: `io`; `denied` for a
// runtime folder that others may enter.
base::Result<void> prepare_folders(const base::UserFolders& folders);

}  // namespace oc::engine_client
