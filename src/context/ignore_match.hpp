// SPDX-License-Identifier: Apache-2.0
// One pattern of an ignore file, matched as git does: `*`, `?`, `[…]` and `**` over paths. Time is bounded for any
// pattern: no input makes it backtrack without end. What lines of a file mean is left to ignore_rules.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

namespace oc::context {

enum class CaseRule { exact, folded };  // folded: 'A' and 'a' are the same (ASCII only)

class Wildcard {
 public:
  Wildcard(std::string_view pattern, CaseRule rule);
  // `text` is a path or a part of one, '/' between its parts, which only `**` crosses.
  bool matches(std::string_view text) const;
  // The character that every match ends in, lower case if folded; 0 if there is none such.
  unsigned char last_character() const;

 private:
  enum class Step : std::uint8_t { character, any, set, star, any_folders, anything, never };
  struct Token {
    Step step = Step::never;
    unsigned char character = 0;  // of `character`
    std::uint16_t set = 0;        // of `set`: which of sets_
  };

  void add_stars(std::string_view pattern, std::size_t& at);
  void add_set(std::string_view pattern, std::size_t& at);
  bool is_step_over(const Token& token, unsigned char c) const;

  std::vector<Token> tokens_;
  std::vector<std::bitset<256>> sets_;
  CaseRule rule_ = CaseRule::exact;
};

// Length of the part of a pattern before the first character that is not plain.
std::size_t plain_length(std::string_view pattern);
unsigned char to_lower(char c);
// Equal, by the rule; `a` is lower case already if folded.
bool is_same(std::string_view a, std::string_view b, CaseRule rule);

}  // namespace oc::context
