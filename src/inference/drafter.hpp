// SPDX-License-Identifier: Apache-2.0
// Guesses what an answer goes on with, without a second model: where its last tokens stood before (in the prompt, in
// the answer, in earlier answers), what followed there is likely to follow again. Edits copy most of their text.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "llama/vocabulary.hpp"

namespace oc::inference {

struct Draft {
  std::vector<llama::TokenId> tokens;
  // Tokens before the guess that stood before it there too, at most k_longest_match. A copy that goes on behind a
  // change counts with most of what it had before the change.
  int matched = 0;
};

class Drafter {
 public:
  // Fewer equal tokens than this mean nothing.
  static constexpr int k_shortest_match = 3;
  static constexpr int k_longest_match = 32;
  // A copy that was left goes on where at most this many tokens of the original are passed over, after at most this
  // many new ones, and so many equal tokens show where.
  static constexpr std::size_t k_most_changed = 96;
  static constexpr int k_shortest_return = 2;

  // `past`: earlier answers, older first. About 50 ns a token.
  Drafter(std::span<const llama::TokenId> past, std::span<const llama::TokenId> prompt);
  void append(llama::TokenId token);
  // At most `most` tokens that may follow; none when nothing matches. A few µs.
  Draft propose(std::size_t most);
  // Of the answer, in order.
  std::span<const llama::TokenId> answer() const { return std::span(text_).subspan(answer_begin_); }

 private:
  void add(llama::TokenId token);
  int count_match(std::size_t place) const;
  // Where the copy that was left goes on; 0: not to be seen.
  std::size_t find_return() const;
  std::uint64_t last_words() const;

  // Places are indexes of the token that follows; newest first come last.
  struct Places {
    static constexpr std::size_t k_most = 8;
    std::uint32_t at[k_most] = {};
    std::uint32_t count = 0;  // in all, also those that are no longer kept
  };
  std::vector<llama::TokenId> text_;  // past, prompt, answer; -1 between them
  std::size_t answer_begin_ = 0;
  std::unordered_map<std::uint64_t, Places> places_;  // by the k_shortest_match tokens before
  // The copy in progress: the place that follows it in the original, 0 where there is none, and how many tokens it has,
  // at most k_longest_match. Left: 0, or the first token of the original that the answer changed.
  std::size_t copied_ = 0, left_ = 0;
  int run_ = 0;
  std::size_t since_left_ = 0;     // tokens of the answer
  std::size_t returned_from_ = 0;  // where the copy in progress had been left before; 0: it goes on for long enough
  int since_return_ = 0;           // tokens
};

}  // namespace oc::inference
