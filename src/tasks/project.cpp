// SPDX-License-Identifier: Apache-2.0
#include "tasks/project.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;

// How many candidates are counted and named at most, chosen or not: the ledger stays readable.
constexpr std::size_t k_most_candidates = 60;
// No code takes fewer tokens; counting a line of megabytes to learn that it does not fit would take seconds.
constexpr std::int64_t k_most_bytes_a_token = 64;
constexpr std::string_view k_map_name = "(map of the workspace)";

// How a piece stands in the prompt.
using Framing = std::function<std::string(const context::Piece&)>;

// Texts one after the other may take a token more than each alone: what is over the budget then goes, last first.
base::Result<void> drop_what_joins_add(context::Selected& selected, const context::CountTokens& count_tokens,
                                       const Framing& framing) {
  while (!selected.pieces.empty()) {
    std::string all;
    for (const context::Piece& piece : selected.pieces) all += framing(piece);
    OC_TRY(const TokenCount tokens, count_tokens(all));
    if (tokens <= selected.ledger.budget) return {};
    const context::Item last = selected.ledger.items.back();
    selected.ledger.dropped.push_back({last.path, last.lines, last.tokens, last.reason + "; does not fit"});
    selected.ledger.used -= last.tokens;
    selected.ledger.items.pop_back();
    selected.pieces.pop_back();
  }
  return {};
}

base::Result<context::Selected> select_framed(std::vector<context::Piece> pieces, TokenCount budget,
                                              const context::CountTokens& count_tokens, const Framing& framing) {
  // A piece costs what it takes in the prompt: with its name and its fences.
  TokenCount used;
  context::Selected selected;
  selected.ledger.budget = budget;
  for (context::Piece& piece : pieces) {
    if (static_cast<std::int64_t>(piece.text.size()) > budget.value * k_most_bytes_a_token) {
      const base::ByteCount size(static_cast<std::int64_t>(piece.text.size()));
      selected.ledger.dropped.push_back(
          {piece.path, piece.lines, {}, fmt::format("{}; does not fit: {}", piece.reason, base::format_bytes(size))});
      continue;
    }
    OC_TRY(const TokenCount tokens, count_tokens(framing(piece)));
    if (used + tokens > budget) {
      selected.ledger.dropped.push_back(
          {piece.path, piece.lines, tokens,
           fmt::format("{}; does not fit: {} tokens, {} are free", piece.reason, tokens.value, (budget - used).value)});
      continue;
    }
    used += tokens;
    selected.ledger.items.push_back({piece.path, piece.lines, tokens, piece.reason});
    selected.pieces.push_back(std::move(piece));
  }
  selected.ledger.used = used;
  OC_CHECK(drop_what_joins_add(selected, count_tokens, framing));
  return selected;
}

// The text of what an outline shows takes its place when it is not much longer.
constexpr std::size_t k_worth_replacing = 3;

bool overlap(const context::Piece& a, const context::Piece& b) {
  return a.path == b.path && a.lines.first <= b.lines.last && b.lines.first <= a.lines.last;
}

// Lines that would stand there twice, and signatures of what stands there whole, say nothing new.
bool repeats(const context::Piece& chosen, const context::Piece& piece) {
  if (chosen.form == piece.form) return overlap(chosen, piece);
  return chosen.form == context::Form::text && overlap(chosen, piece) && chosen.lines.first <= piece.lines.first &&
         piece.lines.last <= chosen.lines.last;
}

std::vector<context::Piece> without_overlaps(std::vector<context::Piece> pieces) {
  std::vector<context::Piece> kept;
  for (context::Piece& piece : pieces) {
    if (std::ranges::any_of(kept, [&](const context::Piece& chosen) { return repeats(chosen, piece); })) continue;
    const auto outline = std::ranges::find_if(kept, [&](const context::Piece& chosen) {
      return chosen.form == context::Form::outline && repeats(piece, chosen) &&
             piece.text.size() <= k_worth_replacing * chosen.text.size();
    });
    if (outline == kept.end()) kept.push_back(std::move(piece));
    else *outline = std::move(piece);
  }
  return kept;
}

}  // namespace

base::Result<Project> Project::open(const ProjectOptions& options, const base::CancelToken& cancel,
                                    std::function<void(const context::RefreshProgress&)> progress) {
  context::IndexPlace place = context::find_index_place(options.workspace, options.cache_folder);
  OC_TRY(context::ProjectIndex index,
         context::ProjectIndex::open({options.workspace, place.file, options.file_limit, options.tell}));
  context::keep_out_of_repository(place, options.workspace);
  Project project(options, std::move(place), std::move(index));
  context::RefreshOptions refresh;
  refresh.time_limit = options.time_limit;
  refresh.cancel = cancel;
  refresh.progress = std::move(progress);
  OC_TRY(project.refreshed_, project.index_.refresh(refresh));
  return project;
}

std::optional<std::string> Project::path_in_index(const base::Path& file) const {
  if (!base::is_inside(file, options_.workspace) || file == options_.workspace) return std::nullopt;
  return base::to_utf8(base::relative_to(file, options_.workspace));
}

base::Result<Project::Context> Project::choose_framed(const context::PieceRequest& request, TokenCount budget,
                                                      const context::CountTokens& count,
                                                      const std::function<std::string(const context::Piece&)>& framing,
                                                      LineNumbers line_numbers) {
  Context chosen;
  chosen.ledger.budget = budget;
  if (budget.value <= 0) return chosen;
  context::PieceRequest limited = request;
  limited.budget = budget;
  OC_TRY(auto pieces, index_.find_pieces(limited));
  pieces = without_overlaps(std::move(pieces));
  if (pieces.size() > k_most_candidates) pieces.resize(k_most_candidates);
  for (context::Piece& piece : pieces)
    if (line_numbers == LineNumbers::shown && piece.form == context::Form::text) number_lines(piece);
  OC_TRY(context::Selected selected, select_framed(std::move(pieces), budget, count, framing));
  chosen.pieces = std::move(selected.pieces);
  chosen.ledger = std::move(selected.ledger);
  return chosen;
}

base::Result<Project::Context> Project::choose(const context::PieceRequest& request, TokenCount most,
                                               const context::CountTokens& count_tokens, const std::string& tokenizer,
                                               LineNumbers line_numbers) {
  const context::CountTokens count = index_.remembered(count_tokens, tokenizer);
  context::WorkspaceMap map;
  if (options_.map_budget.value > 0 && options_.map_budget <= most) {
    OC_TRY(map, index_.make_map({options_.map_budget, tokenizer},
                                [&](std::string_view text) { return count(framed_map(text)); }));
  }
  const TokenCount left = std::max(TokenCount(0), most - map.tokens);
  OC_TRY(Context chosen, choose_framed(request, std::min(options_.budget, left), count, framed_piece, line_numbers));
  if (map.text.empty()) return chosen;
  chosen.ledger.budget += map.tokens;
  chosen.ledger.used += map.tokens;
  chosen.ledger.items.insert(chosen.ledger.items.begin(),
                             {std::string(k_map_name),
                              {},
                              map.tokens,
                              fmt::format("signatures of the most used symbols of {} files", map.files)});
  chosen.map = std::move(map.text);
  return chosen;
}

base::Result<Project::Context> Project::choose_pieces(const context::PieceRequest& request, TokenCount most,
                                                      const context::CountTokens& count_tokens,
                                                      const std::string& tokenizer) {
  return choose_framed(
      request, std::min(options_.budget, most), index_.remembered(count_tokens, tokenizer),
      [](const context::Piece& piece) { return piece.path + "\n" + piece.text; }, LineNumbers::hidden);
}

}  // namespace oc::tasks
