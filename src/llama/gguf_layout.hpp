// SPDX-License-Identifier: Apache-2.0
// What a GGUF says of its tensors, without their weights. Any thread; ggml reads the head of the file, so a damaged one
// can end the process: for files that were probed, or a disposable child.
#pragma once

#include <ggml.h>
#include <gguf.h>

#include <memory>

#include "base/error.hpp"
#include "base/path.hpp"

namespace oc::llama {

template <auto free>
struct Freeing {
  template <class Thing>
  void operator()(Thing* thing) const {
    free(thing);
  }
};
using Tensors = std::unique_ptr<ggml_context, Freeing<ggml_free>>;

struct GgufLayout {
  std::unique_ptr<gguf_context, Freeing<gguf_free>> file;
  Tensors tensors;  // of the file's names, with types and dimensions
};
// Kind `model` when it cannot be read.
base::Result<GgufLayout> read_gguf_layout(const base::Path& path);

}  // namespace oc::llama
