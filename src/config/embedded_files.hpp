// SPDX-License-Identifier: Apache-2.0
// The bytes that cmake/oc_embed.cmake makes from config/*.yaml; used by templates.cpp alone.
#pragma once

#include <span>
#include <string_view>

namespace oc::config {

struct EmbeddedFile {
  std::string_view name;
  std::string_view bytes;
};

std::span<const EmbeddedFile> embedded_files();

}  // namespace oc::config
