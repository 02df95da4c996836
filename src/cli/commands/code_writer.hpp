// SPDX-License-Identifier: Apache-2.0
// Generated code → a file of the user's, after the user said yes.
#pragma once

#include <string>

#include "cli/invocation.hpp"
#include "context/source_file.hpp"
#include "tasks/events.hpp"

namespace oc::cli {

enum class Consent { ask, given };

struct WriteTarget {
  base::Path path;
  const context::SourceFile* existing;  // as the model saw it; null: a new file
  Consent consent;
};

// Before a model is asked: may this file be written at all? Kind `denied` outside the workspace or for files that tools
// run by themselves.
base::Result<void> check_writable_target(const Invocation& invocation, const base::Path& path);

// Shows the diff of an existing file and asks. The path as shown. Kinds: negative (the answer was cut off, so nothing
// is written), denied (nobody said yes), conflict (the file changed since), io. On any error the file is untouched;
// code that could not become a new file goes to standard output (text format).
base::Result<std::string> write_code(Invocation& invocation, const WriteTarget& target, const tasks::Answer& answer);

}  // namespace oc::cli
