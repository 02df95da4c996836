// SPDX-License-Identifier: Apache-2.0
#include "inference/sequence_pool.hpp"

#include <algorithm>
#include <utility>

namespace oc::inference {

namespace {

// With less of it there, a prompt is another one.
constexpr std::size_t k_least_common = 16;
// Longer edits are new prompts: the exact way has more to reuse.
constexpr std::size_t k_most_edit = 64;

}  // namespace

int SequencePool::lent() const {
  return static_cast<int>(std::ranges::count_if(slots_, [](const Slot& slot) { return slot.is_lent; }));
}

std::int64_t SequencePool::tokens() const {
  std::int64_t sum = 0;
  for (const Slot& slot : slots_) sum += static_cast<std::int64_t>(slot.timeline.length());
  return sum;
}

std::size_t SequencePool::count_common(std::span<const Part> parts) const {
  std::size_t most = 0;
  for (const Slot& slot : slots_) most = std::max(most, slot.timeline.count_common(parts));
  return most;
}

SequencePool::Slot* SequencePool::find_best(std::span<const Part> parts, bool lent, std::size_t& common) {
  Slot* best = nullptr;
  common = 0;
  for (Slot& slot : slots_) {
    if (slot.is_lent != lent) continue;
    const std::size_t own = slot.timeline.count_common(parts);
    if (own <= common) continue;
    common = own;
    best = &slot;
  }
  return best;
}

std::int64_t SequencePool::count_reserved() const {
  std::int64_t reserved = 0;
  for (const Slot& slot : slots_) reserved += slot.is_lent ? slot.reserved : 0;
  return reserved;
}

// The cells that others have in common with a timeline that goes are theirs now: the one that has most of them stands
// for all.
void SequencePool::leave_shared_cells(const Slot& slot) {
  Slot* heir = nullptr;
  for (Slot& each : slots_)
    if (each.is_lent && each.source == &slot && (heir == nullptr || each.shared > heir->shared)) heir = &each;
  if (heir == nullptr) return;
  for (Slot& each : slots_)
    if (&each != heir && each.source == &slot) each.source = heir;
  const std::int64_t still_shared = std::min(heir->shared, slot.shared);
  heir->reserved += heir->shared - still_shared;
  heir->source = still_shared > 0 ? slot.source : nullptr;
  heir->shared = still_shared;
}

std::int64_t SequencePool::parked_bytes() const {
  return parked_ ? static_cast<std::int64_t>(parked_->tail.state.size()) : 0;
}

std::optional<Timeline::Parked> SequencePool::take_parked() {
  park_idle(nullptr);
  return std::exchange(parked_, std::nullopt);
}

// The longest, of equals the newest: a newer one may be what was computed of a prompt until something came between.
void SequencePool::park_idle(const Slot* kept) {
  const Slot* best = nullptr;
  for (const Slot& slot : slots_) {
    if (slot.is_lent || slot.reuse != protocol::Reuse::approximate) continue;
    const std::size_t length = slot.timeline.computed_prompt().size();
    if (length > 0 && (best == nullptr || length >= best->timeline.computed_prompt().size())) best = &slot;
  }
  if (best == nullptr || best == kept) return;
  parked_.reset();
  if (may_park_(static_cast<std::int64_t>(best->timeline.computed_prompt().size()))) parked_ = best->timeline.park();
}

void SequencePool::forget_idle(const Slot* kept) {
  park_idle(kept);
  for (Slot& each : slots_)
    if (!each.is_lent && &each != kept) each.timeline.keep(0);
}

SequencePool::Slot* SequencePool::unpark() {
  const Timeline::Parked parked = std::move(*std::exchange(parked_, std::nullopt));
  forget_idle(nullptr);
  Slot* slot = take_free_slot();
  return slot != nullptr && slot->timeline.unpark(parked) ? slot : nullptr;
}

// An idle one, emptied; or one more.
SequencePool::Slot* SequencePool::take_free_slot() {
  const auto idle = std::ranges::find(slots_, false, &Slot::is_lent);
  if (idle != slots_.end()) {
    idle->timeline.keep(0);
    return &*idle;
  }
  return add_slot();
}

SequencePool::Slot* SequencePool::add_slot() {
  const int sequence = static_cast<int>(slots_.size());
  if (sequence >= k_scratch_sequence) return nullptr;
  return &slots_.emplace_back(Timeline(*context_, *home_, sequence));
}

Timeline* SequencePool::note_lent(Slot& slot, std::int64_t tokens, protocol::Reuse reuse) {
  slot.is_lent = true;
  slot.reuse = reuse;
  slot.reserved = tokens;
  slots_.splice(slots_.end(), slots_, std::ranges::find_if(slots_, [&slot](const Slot& s) { return &s == &slot; }));
  return &slot.timeline;
}

Timeline* SequencePool::lend_beside(std::span<const llama::TokenId> prompt, std::span<const Part> parts,
                                    std::int64_t tokens, protocol::Reuse reuse) {
  std::int64_t idle = 0;
  for (const Slot& slot : slots_) idle += slot.is_lent ? 0 : static_cast<std::int64_t>(slot.timeline.length());
  if (count_reserved() + idle + tokens > context_->context_tokens()) return nullptr;
  const auto is_empty = [](const Slot& slot) { return !slot.is_lent && slot.timeline.length() == 0; };
  const auto empty = std::ranges::find_if(slots_, is_empty);
  Slot* slot = empty != slots_.end() ? &*empty : add_slot();
  if (slot == nullptr) return nullptr;
  slot->timeline.restore(prompt, parts);
  return note_lent(*slot, tokens, reuse);
}

Timeline* SequencePool::lend(std::span<const llama::TokenId> prompt, std::span<const Part> parts, std::int64_t tokens,
                             protocol::Reuse reuse, Neighbours neighbours) {
  if (neighbours == Neighbours::kept)
    if (Timeline* beside = lend_beside(prompt, parts, tokens, reuse); beside != nullptr) return beside;
  std::size_t common = 0, common_lent = 0;
  Slot* slot = find_best(parts, false, common);
  Slot* other = find_best(parts, true, common_lent);
  // What others compute has cells in common with this one: they need not be there twice.
  const bool is_shared = common_lent > 0 && (slot == nullptr || common_lent > common);
  const std::int64_t shared = is_shared ? static_cast<std::int64_t>(parts[common_lent - 1].end) : 0;
  if (count_reserved() + tokens - shared > context_->context_tokens()) return nullptr;

  // Idle timelines are in nobody's way until they are: cells are few, and what they hold is in the store.
  forget_idle(is_shared ? nullptr : slot);
  if (slot == nullptr || is_shared) {
    slot = take_free_slot();
    if (slot == nullptr) return nullptr;
    common = 0;
  }
  slot->timeline.keep(common);
  if (is_shared) slot->timeline.share(other->timeline, common_lent);
  slot->timeline.restore(prompt, parts);
  slot->source = is_shared ? other : nullptr;
  slot->shared = shared;
  return note_lent(*slot, tokens - shared, reuse);
}

Timeline* SequencePool::lend_for_edit(std::span<const llama::TokenId> prompt, std::int64_t tokens) {
  if (count_reserved() + tokens > context_->context_tokens() || !context_->can_move()) return nullptr;
  const bool is_alone = lent() == 0;
  Slot* best = nullptr;
  std::size_t least_rest = k_most_edit;
  for (Slot& slot : slots_) {
    if (slot.is_lent) continue;
    const Timeline::Overlap overlap = slot.timeline.find_overlap(prompt);
    const std::size_t rest = prompt.size() - overlap.begin - overlap.end;
    if (overlap.begin + overlap.end < k_least_common || rest > least_rest) continue;
    if (!is_alone && slot.timeline.has_shared_tail(overlap)) continue;
    // Of equals the newest: one that was computed anew is better than one that was moved.
    best = &slot;
    least_rest = rest;
  }
  if (parked_) {
    const Timeline::Overlap overlap = Timeline::find_overlap(parked_->prompt, prompt);
    const std::size_t rest = prompt.size() - overlap.begin - overlap.end;
    if (overlap.begin + overlap.end >= k_least_common && rest <= k_most_edit && (best == nullptr || rest < least_rest))
      best = unpark();
  }
  if (best == nullptr) return nullptr;
  forget_idle(best);
  if (is_alone) best->timeline.note_alone();
  return note_lent(*best, tokens, protocol::Reuse::approximate);
}

bool SequencePool::clear_idle(std::int64_t tokens) {
  forget_idle(nullptr);
  return count_reserved() + tokens <= context_->context_tokens();
}

void SequencePool::give_back(Timeline* timeline) {
  const auto slot = std::ranges::find_if(slots_, [timeline](const Slot& s) { return &s.timeline == timeline; });
  leave_shared_cells(*slot);
  slot->is_lent = false;
  slot->reserved = slot->shared = 0;
  slot->source = nullptr;
}

}  // namespace oc::inference
