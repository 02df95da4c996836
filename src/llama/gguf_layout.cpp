// SPDX-License-Identifier: Apache-2.0
#include "llama/gguf_layout.hpp"

#include <string>

#include <fmt/format.h>

namespace oc::llama {

base::Result<GgufLayout> read_gguf_layout(const base::Path& path) {
  const std::string name = base::to_utf8(path);
  ggml_context* tensors = nullptr;
  GgufLayout layout;
  layout.file.reset(gguf_init_from_file(name.c_str(), {true, &tensors}));
  layout.tensors.reset(tensors);
  if (!layout.file) return base::fail(base::ErrorKind::model, fmt::format("cannot read {}", base::display(path)));
  return layout;
}

}  // namespace oc::llama
