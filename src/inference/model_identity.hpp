// SPDX-License-Identifier: Apache-2.0
// What a model is, for all that is kept of it: computed KV, and what was measured. Two that differ in anything that may
// change a bit of an answer have different ones. Any thread.
#pragma once

#include <string>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::inference {

struct Computer {
  std::string library;    // libllama's version and build
  std::string processor;  // with what it can do
};

// Of its parts sizes and times, the beginning, which holds what it is called and made of, and pieces of the weights
// that are spread over all parts: files of one size and time that begin alike (fine-tunes of one model) differ in
// almost all of them. 1.2 MB are read: all of it would take as long as a load. Kinds: `model` when a part is missing,
// `io`.
base::Result<std::string> model_identity(const base::Path& path, const Computer& computer);

}  // namespace oc::inference
