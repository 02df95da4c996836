// SPDX-License-Identifier: Apache-2.0
// One sequence of a context: the tokens whose KV it holds, in parts that can be kept, restored and computed again.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "inference/prompt_parts.hpp"
#include "kv/store.hpp"
#include "llama/context.hpp"

namespace oc::inference {

// Where computed KV is kept, and as what.
struct KvHome {
  kv::Store* store = nullptr;  // null: nowhere
  std::string identity;        // of model, cache and library: see kv::Chain
  // Asked before and after every call of the model: an error when its file is no longer what was loaded. Weights are
  // mapped, so that what was computed meanwhile is wrong.
  std::function<base::Result<void>()> check_model = [] { return base::Result<void>(); };
};

class Timeline {
 public:
  // Both must outlive the timeline.
  Timeline(llama::Context& context, const KvHome& home, int sequence)
      : context_(&context), home_(&home), sequence_(sequence) {}

  int sequence() const { return sequence_; }
  std::size_t length() const { return tokens_.size(); }
  // Of the token that is computed next. Positions are indexes of tokens, but higher behind an edit that left a gap.
  int next_position() const { return position(tokens_.size()); }

  // Leading parts of a prompt that are there already.
  std::size_t count_common(std::span<const Part> parts) const;
  // Forgets everything after the first `parts` parts.
  void keep(std::size_t parts);
  // Has the first `parts` parts of another timeline too, without copying; must be empty.
  void share(Timeline& other, std::size_t parts);
  // Takes the prompt's next parts from the store, as far as it has them.
  void restore(std::span<const llama::TokenId> prompt, std::span<const Part> parts);
  // Computes the next part of the prompt, which is then in the store, too: a call, with no more tokens than go through
  // the layers together, or, as it was when it was generated, a call for each token of an answer. What follows the last
  // token of the prompt can be read from the context then. Unchanged when stopped.
  base::Result<llama::Context::Outcome> compute(std::span<const llama::TokenId> prompt, const Part& part,
                                                const llama::StopCheck& stop);

  // How many tokens of a prompt stand at the beginning, and how many at the end, of the prompt that was computed last;
  // of an end that is too short to be moved only the last token counts, which is computed again in any case.
  struct Overlap {
    std::size_t begin = 0, end = 0;
  };
  Overlap find_overlap(std::span<const llama::TokenId> prompt) const { return find_overlap(computed_prompt(), prompt); }
  static Overlap find_overlap(std::span<const llama::TokenId> old, std::span<const llama::TokenId> prompt);
  std::span<const llama::TokenId> computed_prompt() const {
    return std::span(tokens_).first(std::min(prompt_length_, tokens_.size()));
  }
  // What would move is in cells that other timelines may have, too, where it would move as well.
  bool has_shared_tail(const Overlap& overlap) const {
    return overlap.end > 1 && shared_length_ > prompt_length_ - overlap.end;
  }
  // There are no others.
  void note_alone() { shared_length_ = 0; }
  // Makes this prompt of the last one by computing only what differs, at most a call's tokens, and moving what follows
  // to its new place: an approximation, because what moves was computed after other tokens. It moves some positions
  // further than it must, and stays where it is while edits fit in between: a move turns every key of the cache, which
  // takes as long as some tokens. Not a part of it is kept in the store. Nothing is there when it is stopped or fails.
  struct Edited {
    llama::Context::Outcome outcome = llama::Context::Outcome::done;
    int last_row = 0;  // of the context's last call: that of the last token
  };
  base::Result<Edited> edit(std::span<const llama::TokenId> prompt, const Overlap& overlap,
                            const llama::StopCheck& stop);

  // Tokens of an answer whose KV has been computed.
  void append(std::span<const llama::TokenId> tokens);
  // Forgets what is after the first `length` tokens; no part may reach beyond.
  void truncate(std::size_t length);
  // Makes the tokens since the last part parts of an answer, and keeps them in the store. `chain`: that of the prompt.
  // `answer_tokens`: of the whole answer, whose last token need not have been computed.
  void seal_answer(kv::Chain chain, std::size_t answer_tokens);
  std::size_t parts() const { return parts_.size(); }
  // Its parts were of use, also those that did not come from the store: the first ones most, because without them the
  // store's others are worth nothing.
  void note_use() const;

  // What follows some leading parts, as it is kept while another timeline has the cells.
  struct Tail {
    std::size_t begin = 0;
    std::vector<llama::TokenId> tokens;
    std::string state;  // empty: to be computed again
    std::size_t gap_begin = 0, gap = 0;
    std::size_t end() const { return begin + tokens.size(); }
  };
  Tail save_tail(std::size_t parts);
  // Puts it behind its parts, which are there and all that is there. false: it has to be computed.
  bool put_back(const Tail& tail);
  // Computes some of it, a call's tokens, until length() is its end; in the last bits it is another one then.
  base::Result<llama::Context::Outcome> compute_tail(const Tail& tail, const llama::StopCheck& stop);

  // The prompt that was computed last, edits included, as it is kept while other timelines have the cells.
  struct Parked {
    std::vector<llama::TokenId> prompt;
    std::vector<Part> parts;  // leading ones that the store has
    Tail tail;                // what follows them
  };
  Parked park() const;
  // false: not all of it can be had without computing; nothing is there then. Must be empty.
  bool unpark(const Parked& parked);

 private:
  int position(std::size_t index) const { return static_cast<int>(index + (index >= gap_begin_ ? gap_ : 0)); }
  // The tokens from `begin` on, which may end before the prompt does.
  std::vector<llama::Row> rows_of(std::span<const llama::TokenId> prompt, std::size_t begin) const;
  // What differs is at the end, or what follows it is too short to be moved: one call.
  base::Result<Edited> edit_end(std::span<const llama::TokenId> prompt, std::size_t begin,
                                const llama::StopCheck& stop);
  base::Result<Edited> edit_middle(std::span<const llama::TokenId> prompt, const Overlap& overlap,
                                   const llama::StopCheck& stop);
  void park_tail(std::size_t tail, const Overlap& overlap, std::size_t new_tail);
  // It is what its name says.
  bool is_for(const kv::Entry& entry, std::span<const llama::TokenId> tokens, const Part& part) const;
  bool restore_part(std::span<const llama::TokenId> tokens, const Part& part);
  // Of these positions; "" when libllama does not give them.
  std::string save_cells(int begin, int end) const;
  Tail save_between(std::size_t begin, std::size_t end) const;
  base::Result<llama::Context::Outcome> compute_rows(std::span<const llama::Row> rows, const Part& part,
                                                     const llama::StopCheck& stop);
  void store_part(const Part& part);

  llama::Context* context_;
  const KvHome* home_;
  int sequence_;
  std::vector<llama::TokenId> tokens_;
  std::vector<Part> parts_;           // of tokens_, from its beginning; an edited prompt has none after the edit
  std::size_t prompt_length_ = 0;     // of tokens_: the prompt computed last
  std::optional<kv::Key> not_taken_;  // what libllama did not take; computed, it replaces what is in the store
  std::size_t shared_length_ = 0;     // of tokens_: what may be in cells of other timelines, too
  // Positions that no token has, before the token `gap_begin_`; there are no parts behind it.
  std::size_t gap_begin_ = 0, gap_ = 0;
};

// A sequence of every context that only timelines use, while they save, restore and move.
inline constexpr int k_scratch_sequence = llama::k_sequences - 1;

}  // namespace oc::inference
