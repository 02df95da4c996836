// SPDX-License-Identifier: Apache-2.0
#include "inference/timeline.hpp"

#include <algorithm>
#include <ranges>

namespace oc::inference {

using llama::Context;
using llama::TokenId;

namespace {

// Positions that a tail is moved further than it must, for what is typed next; and how many may be empty before it.
constexpr std::size_t k_slack = 32;
constexpr std::size_t k_widest_gap = 64;
// A shorter tail is computed as quickly as it is moved (a move turns every key of the cache).
constexpr std::size_t k_least_tail = 16;

}  // namespace

std::size_t Timeline::count_common(std::span<const Part> parts) const {
  std::size_t common = 0;
  while (common < std::min(parts.size(), parts_.size()) && parts[common].key == parts_[common].key) ++common;
  return common;
}

void Timeline::keep(std::size_t parts) {
  parts_.resize(parts);
  const std::size_t length = parts_.empty() ? 0 : parts_.back().end;
  context_->truncate(sequence_, static_cast<int>(length));
  tokens_.resize(length);
  prompt_length_ = std::min(prompt_length_, length);
  shared_length_ = std::min(shared_length_, length);
  gap_ = 0;
}

void Timeline::share(Timeline& other, std::size_t parts) {
  if (parts == 0) return;
  parts_.assign(other.parts_.begin(), other.parts_.begin() + static_cast<std::ptrdiff_t>(parts));
  const std::size_t length = parts_.back().end;
  tokens_.assign(other.tokens_.begin(), other.tokens_.begin() + static_cast<std::ptrdiff_t>(length));
  context_->share(other.sequence_, sequence_, 0, static_cast<int>(length));
  shared_length_ = length;
  other.shared_length_ = std::max(other.shared_length_, length);
}

void Timeline::restore(std::span<const TokenId> prompt, std::span<const Part> parts) {
  if (home_->store == nullptr) return;
  while (parts_.size() < parts.size()) {
    const Part& part = parts[parts_.size()];
    const auto tokens = prompt.subspan(part.begin, part.end - part.begin);
    if (!restore_part(tokens, part)) return;
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    parts_.push_back(part);
  }
}

bool Timeline::is_for(const kv::Entry& entry, std::span<const TokenId> tokens, const Part& part) const {
  return entry.identity == home_->identity && entry.position == static_cast<std::int32_t>(part.begin) &&
         std::ranges::equal(entry.tokens, tokens);
}

bool Timeline::restore_part(std::span<const TokenId> tokens, const Part& part) {
  const auto entry = home_->store->find(part.key);
  if (entry == nullptr) return false;
  if (!is_for(*entry, tokens, part)) {
    home_->store->refuse(part.key);  // its name says otherwise
    return false;
  }
  const auto begin = static_cast<int>(part.begin), end = static_cast<int>(part.end);
  context_->truncate(k_scratch_sequence, 0);
  if (!context_->restore(k_scratch_sequence, entry->state) || !context_->holds(k_scratch_sequence, begin, end)) {
    context_->truncate(k_scratch_sequence, 0);
    // Perhaps no fault of its own: others may have the cells.
    not_taken_ = part.key;
    return false;
  }
  context_->share(k_scratch_sequence, sequence_, begin, end);
  context_->truncate(k_scratch_sequence, 0);
  return true;
}

base::Result<Context::Outcome> Timeline::compute(std::span<const TokenId> prompt, const Part& part,
                                                 const llama::StopCheck& stop) {
  std::vector<llama::Row> rows = rows_of(prompt.first(part.end), part.begin);
  if (part.end == prompt.size()) rows.back().logits = llama::Row::Logits::wanted;
  const auto outcome = compute_rows(rows, part, stop);
  const auto current = home_->check_model();
  if (!outcome || *outcome == Context::Outcome::stopped || !current) {
    context_->truncate(sequence_, static_cast<int>(part.begin));
    if (!outcome || current) return outcome;
    return std::unexpected(current.error());
  }
  append(prompt.subspan(part.begin, part.end - part.begin));
  parts_.push_back(part);
  prompt_length_ = part.end;
  store_part(part);
  return outcome;
}

base::Result<Context::Outcome> Timeline::compute_rows(std::span<const llama::Row> rows, const Part& part,
                                                      const llama::StopCheck& stop) {
  if (part.origin == kv::Origin::prompt) return context_->decode(rows, stop);
  // In one call its last bits would be others than its name says.
  for (const llama::Row& row : rows) {
    OC_TRY(const auto outcome, context_->decode(std::span(&row, 1), stop));
    if (outcome == Context::Outcome::stopped) return outcome;
  }
  return Context::Outcome::done;
}

void Timeline::store_part(const Part& part) {
  if (home_->store == nullptr) return;
  if (not_taken_ == part.key && home_->store->contains(part.key)) home_->store->refuse(part.key);
  not_taken_.reset();
  // A file that is damaged has the right name, too, and would stay in the way.
  if (home_->store->contains(part.key)) {
    const auto stored = home_->store->find(part.key);
    const auto tokens = std::span(tokens_).subspan(part.begin, part.end - part.begin);
    if (stored != nullptr && !stored->state.empty() && is_for(*stored, tokens, part)) return;
    if (stored != nullptr) home_->store->refuse(part.key);
  }
  std::string state = save_cells(static_cast<int>(part.begin), static_cast<int>(part.end));
  if (state.empty()) return;
  home_->store->put({part.key,
                     home_->identity,
                     static_cast<std::int32_t>(part.begin),
                     {tokens_.begin() + static_cast<std::ptrdiff_t>(part.begin),
                      tokens_.begin() + static_cast<std::ptrdiff_t>(part.end)},
                     std::move(state)});
}

// The scratch sequence may hold what somebody left who ran out of memory.
std::string Timeline::save_cells(int begin, int end) const {
  context_->truncate(k_scratch_sequence, 0);
  context_->share(sequence_, k_scratch_sequence, begin, end);
  std::string state = context_->save(k_scratch_sequence);
  context_->truncate(k_scratch_sequence, 0);
  return state;
}

Timeline::Overlap Timeline::find_overlap(std::span<const TokenId> old, std::span<const TokenId> prompt) {
  Overlap overlap;
  const std::size_t most = std::min(old.size(), prompt.size());
  while (overlap.begin < most && old[overlap.begin] == prompt[overlap.begin]) ++overlap.begin;
  while (overlap.end < most - overlap.begin &&
         old[old.size() - 1 - overlap.end] == prompt[prompt.size() - 1 - overlap.end])
    ++overlap.end;
  if (overlap.end >= k_least_tail) return overlap;
  overlap.begin = std::min(overlap.begin, prompt.empty() ? 0 : prompt.size() - 1);
  overlap.end = std::min<std::size_t>(1, prompt.size());
  return overlap;
}

std::vector<llama::Row> Timeline::rows_of(std::span<const TokenId> prompt, std::size_t begin) const {
  std::vector<llama::Row> rows;
  for (std::size_t i = begin; i < prompt.size(); ++i)
    rows.push_back({prompt[i], position(i), sequence_, llama::Row::Logits::unwanted});
  return rows;
}

// Nothing is moved, and where nothing was before, it is no approximation but for the last bits.
base::Result<Timeline::Edited> Timeline::edit_end(std::span<const TokenId> prompt, std::size_t begin,
                                                  const llama::StopCheck& stop) {
  context_->truncate(sequence_, position(begin));
  if (begin <= gap_begin_) gap_ = 0;
  std::vector<llama::Row> rows = rows_of(prompt, begin);
  rows.back().logits = llama::Row::Logits::wanted;
  OC_TRY(const auto outcome, context_->decode(rows, stop));
  return Edited{outcome, static_cast<int>(rows.size()) - 1};
}

// Into the scratch sequence, at the place that it gets.
void Timeline::park_tail(std::size_t tail, const Overlap& overlap, std::size_t new_tail) {
  const int begin = position(tail);
  context_->truncate(k_scratch_sequence, 0);
  context_->share(sequence_, k_scratch_sequence, begin, position(prompt_length_ - 1));
  context_->truncate(sequence_, position(overlap.begin));
  const auto move = [&](int from, std::size_t to) {
    if (const int distance = static_cast<int>(to) - from; distance != 0)
      context_->move(k_scratch_sequence, from, distance);
  };
  if (gap_ > 0 && overlap.begin > gap_begin_) return move(begin, new_tail + gap_);  // the gap is before the edit
  if (gap_ > 0 && tail < gap_begin_) move(position(gap_begin_), gap_begin_);        // within the tail: closed
  const auto stays = static_cast<std::size_t>(begin);
  const bool has_room = stays >= new_tail && stays - new_tail <= k_widest_gap;
  gap_begin_ = new_tail;
  gap_ = has_room ? stays - new_tail : k_slack;
  move(begin, new_tail + gap_);
}

// The tail is parked in the scratch sequence, because a gap in a sequence cannot be filled afterwards.
base::Result<Timeline::Edited> Timeline::edit_middle(std::span<const TokenId> prompt, const Overlap& overlap,
                                                     const llama::StopCheck& stop) {
  const std::size_t old_tail = prompt_length_ - overlap.end, new_tail = prompt.size() - overlap.end;
  // All but the last token, which is computed again in any case: its logits begin the answer.
  park_tail(old_tail, overlap, new_tail);
  const std::vector<llama::Row> rows = rows_of(prompt.first(new_tail), overlap.begin);
  const auto outcome =
      rows.empty() ? base::Result<Context::Outcome>(Context::Outcome::done) : context_->decode(rows, stop);
  const bool is_done = outcome && *outcome == Context::Outcome::done;
  if (is_done) context_->share(k_scratch_sequence, sequence_, position(new_tail), position(prompt.size() - 1));
  context_->truncate(k_scratch_sequence, 0);
  if (!outcome) return std::unexpected(outcome.error());
  if (!is_done) return Edited{*outcome, 0};
  const llama::Row last{prompt.back(), position(prompt.size() - 1), sequence_, llama::Row::Logits::wanted};
  OC_TRY(const auto last_outcome, context_->decode(std::span(&last, 1), stop));
  return Edited{last_outcome, 0};
}

base::Result<Timeline::Edited> Timeline::edit(std::span<const TokenId> prompt, const Overlap& overlap,
                                              const llama::StopCheck& stop) {
  auto edited = overlap.end <= 1 ? edit_end(prompt, overlap.begin, stop) : edit_middle(prompt, overlap, stop);
  if (const auto current = home_->check_model(); edited && !current) edited = std::unexpected(current.error());
  if (!edited || edited->outcome == Context::Outcome::stopped) {
    keep(0);
    return edited;
  }
  while (!parts_.empty() && parts_.back().end > overlap.begin) parts_.pop_back();
  tokens_.assign(prompt.begin(), prompt.end());
  prompt_length_ = prompt.size();
  shared_length_ = std::min(shared_length_, overlap.begin);
  return edited;
}

Timeline::Tail Timeline::save_tail(std::size_t parts) {
  return save_between(parts == 0 ? 0 : parts_[parts - 1].end, tokens_.size());
}

Timeline::Tail Timeline::save_between(std::size_t begin, std::size_t end) const {
  Tail tail;
  tail.begin = begin;
  tail.tokens.assign(tokens_.begin() + static_cast<std::ptrdiff_t>(begin),
                     tokens_.begin() + static_cast<std::ptrdiff_t>(end));
  if (tail.tokens.empty()) return tail;
  tail.state = save_cells(position(begin), position(end));
  tail.gap_begin = gap_begin_;
  tail.gap = gap_;
  return tail;
}

bool Timeline::put_back(const Tail& tail) {
  if (tail.tokens.empty()) return true;
  if (tokens_.size() != tail.begin) return false;
  context_->truncate(k_scratch_sequence, 0);
  if (!context_->restore(k_scratch_sequence, tail.state)) return false;
  gap_begin_ = tail.gap_begin;
  gap_ = tail.gap;
  context_->share(k_scratch_sequence, sequence_, position(tail.begin), position(tail.end()));
  context_->truncate(k_scratch_sequence, 0);
  append(tail.tokens);
  return true;
}

base::Result<Context::Outcome> Timeline::compute_tail(const Tail& tail, const llama::StopCheck& stop) {
  const std::size_t most = std::min(tail.end(), tokens_.size() + std::size_t{llama::k_block_tokens});
  const auto next = std::span(tail.tokens).subspan(tokens_.size() - tail.begin, most - tokens_.size());
  std::vector<llama::Row> rows;
  int next_one = next_position();
  for (const TokenId token : next) rows.push_back({token, next_one++, sequence_, llama::Row::Logits::unwanted});
  OC_TRY(const auto outcome, context_->decode(rows, stop));
  OC_CHECK(home_->check_model());
  if (outcome == Context::Outcome::done) append(next);
  return outcome;
}

Timeline::Parked Timeline::park() const {
  const std::span<const TokenId> prompt = computed_prompt();
  Parked parked{{prompt.begin(), prompt.end()}, {}, {}};
  for (const Part& part : parts_) {
    if (part.end > prompt.size() || home_->store == nullptr || !home_->store->contains(part.key)) break;
    parked.parts.push_back(part);
  }
  parked.tail = save_between(parked.parts.empty() ? 0 : parked.parts.back().end, prompt.size());
  return parked;
}

bool Timeline::unpark(const Parked& parked) {
  restore(parked.prompt, parked.parts);
  const bool is_whole = parts_.size() == parked.parts.size() && put_back(parked.tail);
  if (is_whole) prompt_length_ = tokens_.size();
  else keep(0);
  return is_whole;
}

void Timeline::note_use() const {
  if (home_->store == nullptr) return;
  for (const Part& part : parts_ | std::views::reverse) home_->store->touch(part.key);
}

void Timeline::append(std::span<const TokenId> tokens) { tokens_.insert(tokens_.end(), tokens.begin(), tokens.end()); }

void Timeline::truncate(std::size_t length) {
  context_->truncate(sequence_, position(length));
  tokens_.resize(std::min(length, tokens_.size()));
  if (tokens_.size() <= gap_begin_) gap_ = 0;
  prompt_length_ = std::min(prompt_length_, tokens_.size());
  shared_length_ = std::min(shared_length_, tokens_.size());
}

void Timeline::seal_answer(kv::Chain chain, std::size_t answer_tokens) {
  std::size_t begin = parts_.empty() ? 0 : parts_.back().end;
  const std::size_t last = begin + answer_tokens - 1;
  while (begin < tokens_.size()) {
    std::size_t end = std::min(begin + static_cast<std::size_t>(context_->options().step_tokens), tokens_.size());
    if (begin < last) end = std::min(end, last);
    chain.append(kv::Origin::answer, std::span(tokens_).subspan(begin, end - begin));
    parts_.push_back({begin, end, kv::Origin::answer, chain.key()});
    store_part(parts_.back());
    begin = end;
  }
}

}  // namespace oc::inference
