// SPDX-License-Identifier: Apache-2.0
// Brings the index up to date with the files: finds them, reads what changed, links, ranks. Can be stopped or killed at
// any moment and goes on from there the next time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "context/discovery.hpp"
#include "storage/database.hpp"

namespace oc::context {

struct RefreshProgress {
  enum class Stage { finding, reading, linking };
  Stage stage = Stage::finding;
  std::size_t done = 0;   // files
  std::size_t total = 0;  // 0: not known yet
};

struct RefreshOptions {
  base::Path workspace;
  base::ByteCount file_limit;
  std::optional<std::chrono::milliseconds> time_limit;  // reading stops then; what is left comes the next time
  // Search terms of past contents that may stay behind, besides as many as there are files; beyond that all files are
  // read again the next time, and the past is forgotten.
  std::int64_t most_stale_documents = 20'000;
  base::CancelToken cancel;
  std::function<void(const RefreshProgress&)> progress;  // on the caller's thread, a few times a second; may be empty
};

struct RefreshOutcome {
  std::size_t found = 0;             // files that are worth a look
  std::size_t indexed = 0;           // in the index now
  std::size_t read = 0;              // whose bytes were read
  std::size_t changed = 0;           // indexed ones that are new or have new contents
  std::size_t removed = 0;           // that are gone or cannot be read any more
  std::size_t left = 0;              // not read yet: the time was over
  std::vector<SkippedPath> skipped;  // by path
  std::vector<std::string> notes;
};

// Kinds: io, cancelled; storage::is_damage() when the index has to be made anew. Several threads read; the database is
// used by the caller's alone. Other processes may do the same at the same time.
base::Result<RefreshOutcome> refresh_index(storage::Database& database, const RefreshOptions& options);

}  // namespace oc::context
