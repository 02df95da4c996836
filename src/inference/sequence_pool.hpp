// SPDX-License-Identifier: Apache-2.0
// The timelines of one context: which generation has which, and what stays for the next prompt.
#pragma once

#include <functional>
#include <list>
#include <optional>

#include "inference/timeline.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

class SequencePool {
 public:
  // Whether there is memory for so many tokens beside the context.
  using MayPark = std::function<bool(std::int64_t tokens)>;
  // `context` and `home` must outlive the pool.
  SequencePool(llama::Context& context, const KvHome& home, MayPark may_park)
      : context_(&context), home_(&home), may_park_(std::move(may_park)) {}

  // A timeline that holds as much of the prompt as can be had without computing, for a generation that needs `tokens`
  // cells in all; nullptr: others use the cells or all sequences. When nobody else computes, everything but this prompt
  // is forgotten (the store has it): a sequence alone in the cache is computed the same every time. Neighbours::kept:
  // what others will go on with stays as it is, as far as there are cells. `reuse` approximate: what it leaves is there
  // for lend_for_edit() also after others have had the cells; of several the last one.
  enum class Neighbours { forgotten, kept };
  Timeline* lend(std::span<const llama::TokenId> prompt, std::span<const Part> parts, std::int64_t tokens,
                 protocol::Reuse reuse, Neighbours neighbours = Neighbours::forgotten);
  // The timeline of a prompt that differs from this one by a few tokens, in the middle or at the end, for a request
  // that may use what follows them as it is; nullptr when there is none, or others use the cells.
  Timeline* lend_for_edit(std::span<const llama::TokenId> prompt, std::int64_t tokens);
  void give_back(Timeline* timeline);
  // Forgets what no generation has. false: `tokens` cells are not free even so, or may be needed by those that are
  // lent.
  bool clear_idle(std::int64_t tokens);
  // Leading parts of a prompt that some timeline holds.
  std::size_t count_common(std::span<const Part> parts) const;
  // Generations that have one, and the cells that they may need together.
  int lent() const;
  std::int64_t count_reserved() const;
  // Tokens of all timelines.
  std::int64_t tokens() const;
  // What was computed for edits and is not in the cells, to be put into another context of the same model.
  std::optional<Timeline::Parked> take_parked();
  void put_parked(Timeline::Parked parked) { parked_ = std::move(parked); }
  void forget_parked() { parked_.reset(); }
  std::int64_t parked_bytes() const;

 private:
  struct Slot {
    Timeline timeline;
    bool is_lent = false;
    protocol::Reuse reuse = protocol::Reuse::exact;  // of who has it, or had it last
    std::int64_t reserved = 0;                       // cells it may grow to, while lent, beside those of `source`
    Slot* source = nullptr;                          // a lent one that it has cells in common with
    std::int64_t shared = 0;                         // how many
  };
  void leave_shared_cells(const Slot& slot);
  Slot* find_best(std::span<const Part> parts, bool lent, std::size_t& common);
  // Empties what nobody has, but `kept`; one for edits is parked.
  void forget_idle(const Slot* kept);
  void park_idle(const Slot* kept);
  // What is parked, in cells again.
  Slot* unpark();
  Slot* take_free_slot();
  Slot* add_slot();
  // A timeline of its own beside the idle ones; nullptr: there are no cells or sequences for it.
  Timeline* lend_beside(std::span<const llama::TokenId> prompt, std::span<const Part> parts, std::int64_t tokens,
                        protocol::Reuse reuse);
  Timeline* note_lent(Slot& slot, std::int64_t tokens, protocol::Reuse reuse);

  llama::Context* context_;
  const KvHome* home_;
  MayPark may_park_;
  std::list<Slot> slots_;  // least recently used first
  std::optional<Timeline::Parked> parked_;
};

}  // namespace oc::inference
