// SPDX-License-Identifier: Apache-2.0
// Which pieces go into a prompt, within a budget, and the ledger that says so: nothing is left out without a line here.
// Knows no prompt: whoever frames the pieces (names, fences) takes that out of the budget or counts it in count_tokens.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/units.hpp"
#include "context/piece.hpp"

namespace oc::context {

struct Item {
  std::string path;
  base::LineRange lines;
  base::TokenCount tokens;
  std::string reason;
  bool operator==(const Item&) const = default;
};

struct Dropped {
  std::string path;
  base::LineRange lines;
  base::TokenCount tokens;  // what it would have added
  std::string reason;       // why it was a candidate, and why it is not in
  bool operator==(const Dropped&) const = default;
};

struct Selection {
  base::TokenCount budget;
  base::TokenCount used;  // sum of items[].tokens, at most the budget
  std::vector<Item> items;
  std::vector<Dropped> dropped;
  bool operator==(const Selection&) const = default;
};

struct Selected {
  Selection ledger;
  std::vector<Piece> pieces;  // pieces[i] is what ledger.items[i] is about
};

// Takes all required pieces (kind `too_large`, with the numbers, if they do not fit together), then the optional ones
// in their order while each still fits; one that does not fit is dropped and later, smaller ones are still tried. The
// order of the pieces is kept. Pieces of one file that overlap or touch become one piece at the place of the first of
// them, and are counted as one. Deterministic; calls count_tokens about once a piece.
base::Result<Selected> select(std::vector<Piece> pieces, base::TokenCount budget, const CountTokens& count_tokens);

}  // namespace oc::context
