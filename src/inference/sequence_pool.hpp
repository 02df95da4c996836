// SPDX-License-Identifier: Apache-2.0
// The timelines of one context: which generation has which, and what stays for the next prompt.
#pragma once

#include <list>

#include "inference/timeline.hpp"

namespace oc::inference {

class SequencePool {
 public:
  // `context` and `home` must outlive the pool.
  SequencePool(llama::Context& context, const KvHome& home) : context_(&context), home_(&home) {}

  // A timeline that holds as much of the prompt as can be had without computing, for a generation that needs `tokens`
  // cells in all; nullptr: others use the cells or all sequences. When nobody else computes, everything but this prompt
  // is forgotten (the store has it): a sequence alone in the cache is computed the same every time. Neighbours::kept:
  // what others will go on with stays as it is, as far as there are cells.
  enum class Neighbours { forgotten, kept };
  Timeline* lend(std::span<const llama::TokenId> prompt, std::span<const Part> parts, std::int64_t tokens,
                 Neighbours neighbours = Neighbours::forgotten);
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

 private:
  struct Slot {
    Timeline timeline;
    bool is_lent = false;
    std::int64_t reserved = 0;  // cells it may grow to, while lent, beside those of `source`
    Slot* source = nullptr;     // a lent one that it has cells in common with
    std::int64_t shared = 0;    // how many
  };
  void leave_shared_cells(const Slot& slot);
  Slot* find_best(std::span<const Part> parts, bool lent, std::size_t& common);
  Slot* take_free_slot();
  Slot* add_slot();
  // A timeline of its own beside the idle ones; nullptr: there are no cells or sequences for it.
  Timeline* lend_beside(std::span<const llama::TokenId> prompt, std::span<const Part> parts, std::int64_t tokens);
  Timeline* note_lent(Slot& slot, std::int64_t tokens);

  llama::Context* context_;
  const KvHome* home_;
  std::list<Slot> slots_;  // least recently used first
};

}  // namespace oc::inference
