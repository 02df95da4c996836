// SPDX-License-Identifier: Apache-2.0
// All source files below a folder, measured on a few threads, and what only all of them together tell: copies, symbols
// that nobody uses.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "context/project_index.hpp"
#include "quality/clones.hpp"
#include "quality/measured_file.hpp"
#include "quality/symbol_use.hpp"

namespace oc::quality {

struct MeasureOptions {
  base::Path workspace;
  std::string folder;  // below the workspace, as the index writes paths; "": all of it
  base::ByteCount file_limit;
  std::size_t least_clone_tokens = k_least_clone_tokens;
  base::CancelToken cancel;
  std::function<void(std::size_t done, std::size_t total)> progress;  // on the calling thread; may be empty
};

struct ProjectMeasures {
  std::vector<MeasuredFile> files;  // by path; their tokens are gone
  CloneSearch clones;               // ClonePlace::file: in `files`
  SymbolUse use;
  std::size_t unreadable = 0;  // files that are gone, or took too long
};

// The index must be up to date. Other people's code ("vendor", "node_modules") is left out. Kinds: io, cancelled.
base::Result<ProjectMeasures> measure_project(const MeasureOptions& options, context::ProjectIndex& index);

}  // namespace oc::quality
