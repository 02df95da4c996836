// SPDX-License-Identifier: Apache-2.0
#include "config/templates.hpp"

#include <algorithm>

#include "config/embedded_files.hpp"

namespace oc::config {
namespace {

std::string_view bytes_of(std::string_view name) {
  const auto file = std::ranges::find(embedded_files(), name, &EmbeddedFile::name);
  return file == embedded_files().end() ? std::string_view{} : file->bytes;
}

}  // namespace

std::string_view project_template() { return bytes_of("project.yaml"); }
std::string_view default_template() { return bytes_of("default.yaml"); }

}  // namespace oc::config
