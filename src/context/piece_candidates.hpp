// SPDX-License-Identifier: Apache-2.0
// Pieces that are being collected, with how much each is worth. For piece_finder.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.hpp"
#include "context/index_query.hpp"
#include "context/piece.hpp"
#include "context/piece_finder.hpp"
#include "context/source_file.hpp"

namespace oc::context {

class PieceCandidates {
 public:
  PieceCandidates(IndexQuery& query, const FinderOptions& options, const PieceRequest& request);

  // The lines of a symbol; of a long one its outline or, for a function, its beginning. Nothing when the file changed
  // or may not be shown, or lies in the focus.
  base::Result<void> add_symbol(const SymbolRow& symbol, double score, const std::string& reason);
  // Lines round a place, of the file as it is now.
  base::Result<void> add_lines(const FileRow& file, base::LineRange lines, double score, const std::string& reason);
  // Signatures of the chosen symbols (positions) of a file.
  base::Result<void> add_outline(const FileRow& file, const std::vector<int>& chosen, double score,
                                 const std::string& reason);

  base::Result<const std::vector<SymbolRow>*> symbols_of(FileId file);
  // nullptr: not indexed any more.
  base::Result<const FileRow*> file_of(FileId file);
  // Is this file, or are these lines of it, part of what the request is about?
  bool is_in_focus(std::string_view path, base::LineRange lines) const;
  bool is_focus_file(std::string_view path) const;

  // The best first; one place only once.
  std::vector<Piece> take();

 private:
  struct Candidate {
    Piece piece;
    double score = 0;
  };
  // nullptr: it cannot be shown (gone, secret, binary, too large, no UTF-8 name).
  const SourceFile* load(const FileRow& file);
  void add(Piece piece, double score);

  IndexQuery& query_;
  const FinderOptions& options_;
  const PieceRequest& request_;
  std::int64_t most_lines_;  // of one piece
  std::unordered_map<FileId, std::vector<SymbolRow>> symbols_;
  std::unordered_map<FileId, std::optional<FileRow>> files_;
  std::unordered_map<FileId, std::optional<SourceFile>> texts_;
  std::vector<Candidate> candidates_;
};

}  // namespace oc::context
