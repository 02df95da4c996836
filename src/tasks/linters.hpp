// SPDX-License-Identifier: Apache-2.0
// The linters of this machine, run over files of a project and read. None is required. One whose configuration is a
// program of the repository (eslint's, plugins of clang-tidy, what `go vet` builds) runs only where the user said so.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "quality/finding.hpp"

namespace oc::tasks {

struct LinterOptions {
  base::Path workspace;
  base::Path state_folder;                           // the user's: which linters were confirmed is remembered there
  std::map<std::string, std::int64_t> files;         // relative to the workspace, '/' between parts, and their lines
  std::map<std::string, std::string> languages;      // of each file: syntax::Language::id
  std::function<void(const std::string&)> progress;  // the linter that is about to run; may be empty
};

struct LinterReport {
  std::vector<quality::Finding> findings;
  std::vector<std::string> ran;    // names
  std::vector<std::string> notes;  // for a person: what did not run or end as it should, a sentence each
};

// Runs those that are on the PATH and know one of the files' languages, one after the other, each with limits. Kinds:
// io, cancelled. What a linter does wrong is a note.
base::Result<LinterReport> run_linters(const LinterOptions& options, const base::CancelToken& cancel);

// The user said yes to the linters that run code of this project. Kind `io`.
base::Result<void> trust_linters(const base::Path& workspace, const base::Path& state_folder);

}  // namespace oc::tasks
