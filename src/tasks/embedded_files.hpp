// SPDX-License-Identifier: Apache-2.0
// The files of prompts/, built into the program (cmake/oc_embed.cmake writes the table).
#pragma once

#include <span>
#include <string_view>

namespace oc::tasks {

struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
};
std::span<const EmbeddedFile> embedded_files();

}  // namespace oc::tasks
