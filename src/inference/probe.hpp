// SPDX-License-Identifier: Apache-2.0
// The disposable child's work: opens a GGUF as a load would, weights aside. May abort the process.
#pragma once

#include "base/path.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

base::Result<protocol::ModelFacts> inspect_model(const base::Path& path, const base::Path& backends_folder);

}  // namespace oc::inference
