// SPDX-License-Identifier: Apache-2.0
#include "inference/stamped_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "base/sha256.hpp"
#include "llama/model.hpp"

namespace oc::inference {

base::Result<std::vector<StampedFile>> stamp_parts(const base::Path& model) {
  OC_TRY(const auto parts, llama::find_model_parts(model));
  std::vector<StampedFile> files;
  for (const base::Path& part : parts) {
    std::error_code code;
    const base::Path target = std::filesystem::canonical(part, code);
    const auto entry = base::find_folder_entry(code ? part : target);
    if (entry && *entry) files.push_back({code ? part : target, (*entry)->stamp});
  }
  return files;
}

base::Result<std::string> sample_parts(const base::Path& model) {
  constexpr std::int64_t k_pieces = 32, k_piece_bytes = 4096;
  OC_TRY(const auto parts, llama::find_model_parts(model));
  std::string pieces;
  for (const base::Path& part : parts) {
    std::ifstream file(part, std::ios::binary | std::ios::ate);
    const std::int64_t last = std::max<std::int64_t>(0, static_cast<std::int64_t>(file.tellg()) - k_piece_bytes);
    std::string piece(k_piece_bytes, '\0');
    for (std::int64_t i = 1; file && i <= k_pieces; ++i) {
      file.seekg(last * i / k_pieces);
      file.read(piece.data(), k_piece_bytes);
      pieces.append(piece, 0, static_cast<std::size_t>(file.gcount()));
      if (file.eof()) break;  // smaller than a piece
    }
    if (!file && !file.eof())
      return base::fail(base::ErrorKind::io, fmt::format("cannot read {}", base::display(part)));
  }
  return base::sha256(pieces);
}

}  // namespace oc::inference
