// SPDX-License-Identifier: Apache-2.0
#include "context/selection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace oc::context {
namespace {

using base::TokenCount;

// A piece that is in, for now. `order` is the place of the first of the pieces it was made from.
struct Kept {
  std::size_t order = 0;
  Piece piece;
  TokenCount tokens;
};

std::int64_t length_of(base::LineRange lines) { return lines.last.value - lines.first.value + 1; }

// Only a text that is exactly its lines can be joined with another one.
bool is_whole_lines(const Piece& piece) {
  return piece.form == Form::text &&
         static_cast<std::int64_t>(base::split_lines(piece.text).size()) == length_of(piece.lines);
}

bool touch(const Piece& a, const Piece& b) {
  return !a.path.empty() && a.path == b.path && a.lines.first.value <= b.lines.last.value + 1 &&
         b.lines.first.value <= a.lines.last.value + 1 && is_whole_lines(a) && is_whole_lines(b);
}

void append_lines(std::string& text, std::string_view more) {
  if (!text.empty() && !text.ends_with('\n') && !more.empty()) text += '\n';
  text += more;
}

// The lines of `text` after its first `count`.
std::string_view without_lines(std::string_view text, std::int64_t count) {
  while (count-- > 0 && !text.empty()) text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return text;
}

// "; "-joined without repeating what is there already.
void append_reason(std::string& reason, std::string_view more) {
  if (more.empty()) return;
  for (std::string_view rest = reason; !rest.empty();) {
    const std::size_t end = rest.find("; ");
    if (rest.substr(0, end) == more) return;
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 2);
  }
  if (!reason.empty()) reason += "; ";
  reason += more;
}

// Of pieces that touch; `first` is the one that came first, its need and the order of reasons follow from that.
Piece make_union(const Piece& first, const Piece& second) {
  const bool first_is_upper = first.lines.first <= second.lines.first;
  const Piece& upper = first_is_upper ? first : second;
  const Piece& lower = first_is_upper ? second : first;
  Piece joined = upper;
  if (lower.lines.last > upper.lines.last) {
    append_lines(joined.text, without_lines(lower.text, upper.lines.last.value - lower.lines.first.value + 1));
    joined.lines.last = lower.lines.last;
  }
  joined.reason = first.reason;
  append_reason(joined.reason, second.reason);
  joined.need = first.need == Need::required || second.need == Need::required ? Need::required : Need::optional;
  return joined;
}

// `piece` joined with all in `kept` that it touches, directly or through others; those are the indices in `absorbed`.
Kept join_with(const std::vector<Kept>& kept, std::size_t order, Piece piece, std::vector<std::size_t>& absorbed) {
  Kept joined{order, std::move(piece), {}};
  for (bool grew = true; std::exchange(grew, false);) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      if (std::ranges::find(absorbed, i) != absorbed.end() || !touch(kept[i].piece, joined.piece)) continue;
      joined.piece = kept[i].order < joined.order ? make_union(kept[i].piece, joined.piece)
                                                  : make_union(joined.piece, kept[i].piece);
      joined.order = std::min(joined.order, kept[i].order);
      absorbed.push_back(i);
      grew = true;
    }
  }
  return joined;
}

void replace_absorbed(std::vector<Kept>& kept, std::vector<std::size_t> absorbed, Kept joined) {
  std::ranges::sort(absorbed, std::greater{});
  for (const std::size_t i : absorbed) kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(i));
  kept.push_back(std::move(joined));
}

base::Result<TokenCount> take_required(std::vector<Piece>& pieces, TokenCount budget, const CountTokens& count_tokens,
                                       std::vector<Kept>& kept) {
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].need != Need::required) continue;
    std::vector<std::size_t> absorbed;
    Kept joined = join_with(kept, i, std::move(pieces[i]), absorbed);
    replace_absorbed(kept, std::move(absorbed), std::move(joined));
  }
  TokenCount used;
  for (Kept& one : kept) {
    OC_TRY(one.tokens, count_tokens(one.piece.text));
    used += one.tokens;
  }
  if (used > budget)
    return base::fail(
        base::ErrorKind::too_large,
        fmt::format("the files do not fit: this needs {} tokens, {} are free", base::format_count(used.value),
                    base::format_count(std::max<std::int64_t>(0, budget.value))),
        "name fewer files or lines, or allow a larger context with --context");
  return used;
}

Dropped make_dropped(const Piece& piece, TokenCount tokens, TokenCount free) {
  std::string reason = piece.reason;
  append_reason(reason, fmt::format("does not fit: needs {} tokens, {} are free", base::format_count(tokens.value),
                                    base::format_count(std::max<std::int64_t>(0, free.value))));
  return {piece.path, piece.lines, tokens, std::move(reason)};
}

}  // namespace

base::Result<Selected> select(std::vector<Piece> pieces, TokenCount budget, const CountTokens& count_tokens) {
  Selected selected;
  std::vector<Kept> kept;
  OC_TRY(TokenCount used, take_required(pieces, budget, count_tokens, kept));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    if (pieces[i].need != Need::optional) continue;
    std::vector<std::size_t> absorbed;
    Kept joined = join_with(kept, i, pieces[i], absorbed);
    OC_TRY(joined.tokens, count_tokens(joined.piece.text));
    TokenCount added = joined.tokens;
    for (const std::size_t a : absorbed) added -= kept[a].tokens;
    if (used + added > budget) {
      selected.ledger.dropped.push_back(make_dropped(pieces[i], added, budget - used));
      continue;
    }
    used += added;
    replace_absorbed(kept, std::move(absorbed), std::move(joined));
  }
  std::ranges::sort(kept, {}, &Kept::order);
  for (Kept& one : kept) {
    selected.ledger.items.push_back({one.piece.path, one.piece.lines, one.tokens, one.piece.reason});
    selected.pieces.push_back(std::move(one.piece));
  }
  selected.ledger.budget = budget;
  selected.ledger.used = used;
  return selected;
}

}  // namespace oc::context
