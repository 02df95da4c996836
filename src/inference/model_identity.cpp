// SPDX-License-Identifier: Apache-2.0
#include "inference/model_identity.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "inference/stamped_file.hpp"
#include "llama/model.hpp"

namespace oc::inference {
namespace {

// 130 KB a part.
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

}  // namespace

base::Result<std::string> model_identity(const base::Path& path, const Computer& computer) {
  constexpr base::ByteCount k_head{1 << 20};
  OC_TRY(const std::string head, base::read_head(path, k_head));
  OC_TRY(const std::string weights, sample_parts(path));
  OC_TRY(const auto parts, stamp_parts(path));
  std::string identity = fmt::format("gguf {}\nlibllama {}\nprocessor {}\nweights {}\n", base::sha256(head),
                                     computer.library, computer.processor, weights);
  for (const StampedFile& part : parts)
    identity += fmt::format("part {} {}\n", part.stamp.size, part.stamp.modified_ns);
  return identity;
}

}  // namespace oc::inference
