// SPDX-License-Identifier: Apache-2.0
// Models that were opened without harm, while their files and this program stay as they are. A damaged file can abort
// the process that opens it, so a process of its own does it first; what that found is kept in a file, so that nobody
// waits for it again after a restart. Belongs to one thread at a time.
#pragma once

#include <map>
#include <string>

#include "base/cancel.hpp"
#include "base/error.hpp"
#include "base/path.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

class ProbedModels {
 public:
  // engine_program: what runs "probe"; folder: of the files, "" for none.
  ProbedModels(base::Path engine_program, base::Path folder);

  // Errors as protocol::probe_model; they are not kept.
  base::Result<protocol::ModelFacts> facts(const base::Path& model, const base::CancelToken& cancel);

 private:
  base::Result<std::string> describe(const base::Path& model) const;

  base::Path engine_program_;
  base::Path folder_;
  std::map<std::string, protocol::ModelFacts> known_;  // by what describes the model's files and this program
};

}  // namespace oc::inference
