// SPDX-License-Identifier: Apache-2.0
#include "context/piece_candidates.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "context/line_range.hpp"
#include "context/outline_text.hpp"

namespace oc::context {
namespace {

// A line of code has about ten tokens; one piece may take about a third of the budget.
constexpr std::int64_t k_tokens_a_line = 10;
constexpr std::int64_t k_fewest_lines = 12, k_most_lines = 120;
constexpr std::size_t k_most_outline_symbols = 24;

bool is_type(syntax::SymbolKind kind) {
  using enum syntax::SymbolKind;
  return kind == class_type || kind == struct_type || kind == interface_type || kind == trait_type ||
         kind == union_type || kind == module || kind == enum_type;
}

bool overlap(base::LineRange a, base::LineRange b) { return a.first <= b.last && b.first <= a.last; }

}  // namespace

PieceCandidates::PieceCandidates(IndexQuery& query, const FinderOptions& options, const PieceRequest& request)
    : query_(query),
      options_(options),
      request_(request),
      most_lines_(std::clamp(request.budget.value / (3 * k_tokens_a_line), k_fewest_lines, k_most_lines)) {}

base::Result<const std::vector<SymbolRow>*> PieceCandidates::symbols_of(FileId file) {
  auto known = symbols_.find(file);
  if (known == symbols_.end()) {
    OC_TRY(auto symbols, query_.load_symbols(file));
    known = symbols_.emplace(file, std::move(symbols)).first;
  }
  return &known->second;
}

base::Result<const FileRow*> PieceCandidates::file_of(FileId file) {
  auto known = files_.find(file);
  if (known == files_.end()) {
    OC_TRY(auto row, query_.find_file(file));
    known = files_.emplace(file, std::move(row)).first;
  }
  return known->second ? &*known->second : nullptr;
}

bool PieceCandidates::is_focus_file(std::string_view path) const {
  return std::ranges::any_of(request_.focus, [&](const Focus& f) { return f.path == path; });
}

bool PieceCandidates::is_in_focus(std::string_view path, base::LineRange lines) const {
  return std::ranges::any_of(request_.focus,
                             [&](const Focus& f) { return f.path == path && (!f.lines || overlap(*f.lines, lines)); });
}

// A hostile or old index may name anything: only what lies in the workspace and may be shown becomes text.
const SourceFile* PieceCandidates::load(const FileRow& file) {
  auto known = texts_.find(file.id);
  if (known == texts_.end()) {
    std::optional<SourceFile> text;
    if (!base::find_invalid_utf8(file.path)) {
      auto loaded = load_indexed_file(file.path, options_.workspace, options_.file_limit);
      if (loaded) text = std::move(*loaded);
    }
    known = texts_.emplace(file.id, std::move(text)).first;
  }
  return known->second ? &*known->second : nullptr;
}

void PieceCandidates::add(Piece piece, double score) {
  piece.need = Need::optional;
  for (Candidate& other : candidates_) {
    const bool is_same = other.piece.path == piece.path && other.piece.form == piece.form &&
                         (piece.form == Form::outline || other.piece.lines == piece.lines);
    if (!is_same) continue;
    if (other.score < score) other = {std::move(piece), score};
    return;
  }
  candidates_.push_back({std::move(piece), score});
}

base::Result<void> PieceCandidates::add_lines(const FileRow& file, base::LineRange lines, double score,
                                              const std::string& reason) {
  const SourceFile* text = load(file);
  if (text == nullptr || is_in_focus(file.path, lines)) return {};
  const auto checked = check_line_range(lines, *text);
  if (!checked) return {};  // the file is shorter than the index knew
  Piece piece{text->shown_path, *checked, std::string(text_of_lines(*text, *checked)), reason, Need::optional};
  if (!base::is_blank(piece.text)) add(std::move(piece), score);
  return {};
}

base::Result<void> PieceCandidates::add_symbol(const SymbolRow& symbol, double score, const std::string& reason) {
  OC_TRY(const FileRow* file, file_of(symbol.file));
  if (file == nullptr || is_in_focus(file->path, symbol.lines)) return {};
  const std::int64_t length = symbol.lines.last.value - symbol.lines.first.value + 1;
  if (length <= most_lines_) return add_lines(*file, symbol.lines, score, reason);
  if (is_type(symbol.kind)) {
    OC_TRY(const auto* symbols, symbols_of(symbol.file));
    std::vector<int> members{symbol.position};
    for (const SymbolRow& other : *symbols)
      if (other.container == symbol.position) members.push_back(other.position);
    return add_outline(*file, members, score, reason);
  }
  base::LineRange beginning = symbol.lines;
  beginning.last = base::LineNumber(beginning.first.value + most_lines_ / 2 - 1);
  return add_lines(*file, beginning, score,
                   fmt::format("{} (the first {} of {} lines)", reason, most_lines_ / 2, length));
}

base::Result<void> PieceCandidates::add_outline(const FileRow& file, const std::vector<int>& chosen, double score,
                                                const std::string& reason) {
  OC_TRY(const auto* symbols, symbols_of(file.id));
  std::vector<int> shown;
  for (const int position : chosen) {
    const bool is_there = position >= 0 && position < static_cast<int>(symbols->size());
    if (is_there && shown.size() < k_most_outline_symbols &&
        !is_in_focus(file.path, (*symbols)[static_cast<std::size_t>(position)].lines))
      shown.push_back(position);
  }
  if (shown.empty() || load(file) == nullptr) return {};
  Piece piece{load(file)->shown_path, lines_of(*symbols, shown), outline_text(*symbols, shown), reason, Need::optional,
              Form::outline};
  add(std::move(piece), score);
  return {};
}

std::vector<Piece> PieceCandidates::take() {
  std::ranges::stable_sort(candidates_, [](const Candidate& a, const Candidate& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.piece.path != b.piece.path ? a.piece.path < b.piece.path : a.piece.lines.first < b.piece.lines.first;
  });
  std::vector<Piece> pieces;
  for (Candidate& candidate : candidates_) pieces.push_back(std::move(candidate.piece));
  return pieces;
}

}  // namespace oc::context
