// SPDX-License-Identifier: Apache-2.0
// From the places of a trace to the source lines round them. Reads files of the workspace only: a trace is untrusted
// text and must not be able to name what the model gets to see outside of it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "context/source_file.hpp"
#include "context/trace.hpp"

namespace oc::context {

struct SkippedFrame {
  Frame frame;
  std::string reason;  // "outside the workspace", "no such file in the workspace" …
};

struct TracePieces {
  std::vector<Piece> pieces;          // optional ones, the most relevant first; they may overlap (select() joins them)
  std::vector<SkippedFrame> skipped;  // every frame that became no piece
  std::vector<std::string> notes;     // of the files that were read here, see SourceFile::notes
};

inline constexpr int k_lines_round_a_frame = 12;

// A piece of the 12 lines on either side for each frame. A frame's path is looked for: among `named` (the files the
// user named himself; these may lie anywhere, are not read again, and match by whole path, or by the end of it for
// relative paths and Java's bare file names), then in the workspace, relative paths against its top. Symbolic links are
// followed only if they stay inside. Files that may not be shown (see load_source_file) are skipped with that reason.
// Frames in dependencies (node_modules, site-packages …) come last. Kind `io` only if the workspace itself cannot be
// found.
base::Result<TracePieces> load_trace_pieces(const Trace& trace, const base::Path& workspace,
                                            std::span<const SourceFile> named, base::ByteCount file_limit);

}  // namespace oc::context
