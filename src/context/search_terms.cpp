// SPDX-License-Identifier: Apache-2.0
#include "context/search_terms.hpp"

#include <algorithm>
#include <array>

namespace oc::context {
namespace {

constexpr std::size_t k_shortest = 2;
constexpr std::size_t k_longest = 64;
constexpr std::size_t k_most_digits = 6;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_word(char c) {
  return is_upper(c) || is_lower(c) || is_digit(c) || c == '_' || static_cast<signed char>(c) < 0;
}

class TermAdder {
 public:
  TermAdder(TermCounts& counts, std::size_t most_terms) : counts_(counts), most_terms_(most_terms) {}

  bool is_full() const { return counts_.size() >= most_terms_; }

  void add_word(std::string_view word) {
    while (word.starts_with('_')) word.remove_prefix(1);
    while (word.ends_with('_')) word.remove_suffix(1);
    add(word);
    std::size_t begin = 0;
    for (std::size_t i = 1; i <= word.size(); ++i) {
      if (i < word.size() && !is_boundary(word, i)) continue;
      std::string_view part = word.substr(begin, i - begin);
      while (part.starts_with('_')) part.remove_prefix(1);
      if (part.size() < word.size()) add(part);
      begin = i;
    }
  }

 private:
  // Does a part begin at i? "aB", "ABc" (before B), "_a".
  static bool is_boundary(std::string_view word, std::size_t i) {
    const char before = word[i - 1], here = word[i];
    if (here == '_') return before != '_';
    if (is_upper(here)) return !is_upper(before) || (i + 1 < word.size() && is_lower(word[i + 1]));
    return false;
  }

  void add(std::string_view term) {
    if (term.size() < k_shortest || term.size() > k_longest || is_full()) return;
    if (term.size() > k_most_digits && std::ranges::all_of(term, is_digit)) return;
    lower_.assign(term);
    for (char& c : lower_)
      if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    ++counts_[lower_];
  }

  TermCounts& counts_;
  std::size_t most_terms_;
  std::string lower_;
};

}  // namespace

void count_terms(std::string_view text, TermCounts& counts, std::size_t most_terms) {
  TermAdder adder(counts, most_terms);
  for (std::size_t i = 0; i < text.size() && !adder.is_full();) {
    if (!is_word(text[i])) {
      ++i;
      continue;
    }
    const std::size_t begin = i;
    while (i < text.size() && is_word(text[i])) ++i;
    if (i - begin <= k_longest) adder.add_word(text.substr(begin, i - begin));
  }
}

bool is_filler(std::string_view term) {
  static constexpr auto k_fillers = std::to_array<std::string_view>(
      {"about", "add",  "all",   "also",  "an",   "and",  "any",  "are",   "as",   "at",    "be",   "but",
       "by",    "can",  "code",  "could", "do",   "does", "file", "fix",   "for",  "from",  "get",  "has",
       "have",  "how",  "if",    "in",    "into", "is",   "it",   "its",   "make", "me",    "my",   "new",
       "no",    "not",  "of",    "on",    "one",  "or",   "our",  "out",   "set",  "so",    "some", "that",
       "the",   "then", "there", "these", "this", "to",   "up",   "use",   "used", "using", "was",  "we",
       "what",  "when", "where", "which", "why",  "will", "with", "would", "you",  "your"});
  return std::ranges::binary_search(k_fillers, term);
}

}  // namespace oc::context
