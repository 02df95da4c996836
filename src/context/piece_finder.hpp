// SPDX-License-Identifier: Apache-2.0
// What of a workspace matters for a request, best first: the definitions it names, what the code in question uses, who
// uses that, its tests, and the files that the words and the links lead to. Which of it fits is for select() to say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/path.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"
#include "storage/database.hpp"

namespace oc::context {

// What a request is about; it stands in the prompt already and becomes no piece.
struct Focus {
  std::string path;                      // as FoundFile::path
  std::optional<base::LineRange> lines;  // nullopt: all of it
};

// Which evidence counts. text and links alone are there to be compared with.
enum class Evidence { all, text, links };

struct PieceRequest {
  std::string text;  // what the user asks, or a program printed
  std::vector<Focus> focus;
  base::TokenCount budget;  // how much may be shown in the end: decides how large one piece may be
  Evidence evidence = Evidence::all;
};

struct FinderOptions {
  base::Path workspace;
  base::ByteCount file_limit;
};

// Optional pieces, the most useful first, each with its reason; a few times more than the budget holds. Deterministic.
// Reads the files that it takes text from. Kinds: io, and storage::is_damage().
base::Result<std::vector<Piece>> find_pieces(storage::Database& database, const FinderOptions& options,
                                             const PieceRequest& request);

}  // namespace oc::context
