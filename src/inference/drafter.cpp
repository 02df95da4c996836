// SPDX-License-Identifier: Apache-2.0
#include "inference/drafter.hpp"

#include <algorithm>
#include <utility>

namespace oc::inference {

using llama::TokenId;

namespace {

constexpr TokenId k_border = -1;  // equal to no token
// Shorter copies may be chance, and say nothing about what follows a change.
constexpr int k_shortest_run = 6;
// Per cent of a copy's length that it counts with when it goes on behind a change.
constexpr int k_trust_in_return = 75;

}  // namespace

Drafter::Drafter(std::span<const TokenId> past, std::span<const TokenId> prompt)
    : answer_begin_(past.size() + 1 + prompt.size()) {
  text_.reserve(answer_begin_ + 1024);
  for (const TokenId token : past) add(token);
  add(k_border);
  for (const TokenId token : prompt) add(token);
}

std::uint64_t Drafter::last_words() const {
  std::uint64_t hash = 0;
  for (std::size_t i = text_.size() - k_shortest_match; i < text_.size(); ++i)
    hash = (hash ^ static_cast<std::uint32_t>(text_[i])) * 0x9E3779B97F4A7C15u;
  return hash;
}

void Drafter::add(TokenId token) {
  if (text_.size() >= k_shortest_match) {
    Places& places = places_[last_words()];
    places.at[places.count++ % Places::k_most] = static_cast<std::uint32_t>(text_.size());
  }
  text_.push_back(token);
}

void Drafter::append(TokenId token) {
  if (copied_ > 0 && text_[copied_] == token) {
    ++copied_;
    run_ = std::min(run_ + 1, k_longest_match);
    if (++since_return_ >= k_shortest_match) returned_from_ = 0;
  } else if (copied_ > 0) {
    left_ = std::exchange(copied_, 0);
    // It was no return: the place to look from is that of before.
    if (returned_from_ > 0) left_ = std::exchange(returned_from_, 0);
    else since_left_ = 0;
    run_ = run_ * k_trust_in_return / 100;
  }
  ++since_left_;
  if (since_left_ > k_most_changed) left_ = returned_from_ = 0;
  add(token);
}

std::size_t Drafter::find_return() const {
  if (left_ == 0 || run_ < k_shortest_run) return 0;
  std::size_t best = 0;
  int longest = k_shortest_return - 1;
  const std::size_t end = std::min(left_ + k_most_changed, text_.size());
  for (std::size_t place = left_ + 1; place < end; ++place) {
    // Only what follows the change counts: what is before it is the copy itself.
    const int behind = static_cast<int>(std::min(place - left_, since_left_));
    const int matched = std::min(count_match(place), behind);
    if (matched <= longest) continue;
    longest = matched;
    best = place;
  }
  return best;
}

int Drafter::count_match(std::size_t place) const {
  int count = 0;
  const int most = std::min<int>(k_longest_match, static_cast<int>(std::min(place, text_.size())));
  while (count < most) {
    const auto back = static_cast<std::size_t>(count) + 1;
    const TokenId token = text_[place - back];
    if (token == k_border || token != text_[text_.size() - back]) break;
    ++count;
  }
  return count;
}

Draft Drafter::propose(std::size_t most) {
  Draft draft;
  if (text_.size() < k_shortest_match || most == 0) return draft;
  std::size_t best = 0;
  const auto consider = [&](std::size_t place, int matched) {
    // Equally long ones: where it copied from the last time, else the newest.
    if (place >= text_.size() || matched < k_shortest_match || matched <= draft.matched) return;
    draft.matched = matched;
    best = place;
  };
  if (copied_ > 0) consider(copied_, std::max(run_, count_match(copied_)));
  if (const std::size_t place = find_return(); place > 0) consider(place, run_);
  const bool is_known_copy = best > 0;
  if (const auto found = places_.find(last_words()); found != places_.end()) {
    const Places& places = found->second;
    const std::uint32_t kept = std::min<std::uint32_t>(places.count, Places::k_most);
    for (std::uint32_t i = 1; i <= kept; ++i) {
      const std::size_t place = places.at[(places.count - i) % Places::k_most];
      consider(place, count_match(place));
    }
  }
  if (best == 0) return draft;
  // A chance match within a change does not make forget where the copy was left.
  if (left_ == 0 || is_known_copy || draft.matched > run_) {
    copied_ = best;
    run_ = draft.matched;
    returned_from_ = std::exchange(left_, 0);
    since_return_ = 0;
  }
  for (std::size_t i = best; i < text_.size() && draft.tokens.size() < most && text_[i] != k_border; ++i)
    draft.tokens.push_back(text_[i]);
  return draft;
}

}  // namespace oc::inference
