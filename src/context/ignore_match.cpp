// SPDX-License-Identifier: Apache-2.0
#include "context/ignore_match.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <optional>

namespace oc::context {
namespace {

constexpr std::size_t k_none = std::string_view::npos;

bool is_upper(unsigned c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(unsigned c) { return c >= 'a' && c <= 'z'; }
bool is_alpha(unsigned c) { return is_upper(c) || is_lower(c); }
bool is_digit(unsigned c) { return c >= '0' && c <= '9'; }
bool is_print(unsigned c) { return c >= 0x20 && c < 0x7F; }

// Is `c` in the class of that name? nullopt: there is no such class.
std::optional<bool> find_in_class(std::string_view name, unsigned c, CaseRule rule) {
  const bool is_hex_letter = (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  const bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';  // git's own idea of white space
  if (name == "alnum") return is_alpha(c) || is_digit(c);
  if (name == "alpha") return is_alpha(c);
  if (name == "blank") return c == ' ' || c == '\t';
  if (name == "cntrl") return c < 0x20 || c == 0x7F;
  if (name == "digit") return is_digit(c);
  if (name == "graph") return is_print(c) && !is_space;
  if (name == "lower") return is_lower(c);
  if (name == "print") return is_print(c);
  if (name == "punct") return is_print(c) && c != ' ' && !is_alpha(c) && !is_digit(c);
  if (name == "space") return is_space;
  if (name == "upper") return is_upper(c) || (rule == CaseRule::folded && is_lower(c));
  if (name == "xdigit") return is_digit(c) || is_hex_letter;
  return std::nullopt;
}

// Reads one "[…]". The quirks are git's: a set that is not closed or names an unknown class matches nothing, a class
// ends a range, and letters in the set are compared as they stand even where case is folded.
class SetReader {
 public:
  SetReader(std::string_view pattern, std::size_t at, CaseRule rule) : pattern_(pattern), at_(at), rule_(rule) {}

  // The characters; nullopt: the set is malformed.
  std::optional<std::bitset<256>> read() {
    const bool is_negated = peek(0) == '!' || peek(0) == '^';
    if (is_negated) ++at_;
    do {
      if (!read_member()) return std::nullopt;
    } while (at_ < pattern_.size() && pattern_[at_] != ']');
    if (at_ == pattern_.size()) return std::nullopt;
    ++at_;
    std::bitset<256> found = is_negated ? ~chosen_ : chosen_;
    found.reset('/');
    return found;
  }
  std::size_t end() const { return at_; }

 private:
  unsigned char peek(std::size_t ahead) const {
    return at_ + ahead < pattern_.size() ? static_cast<unsigned char>(pattern_[at_ + ahead]) : 0;
  }

  bool read_member() {
    const unsigned char c = peek(0);
    if (c == 0) return false;
    if (c == '-' && previous_ != 0 && peek(1) != 0 && peek(1) != ']') return read_range();
    if (c == '[' && peek(1) == ':') {
      const std::size_t close = pattern_.find(']', at_ + 2);
      if (close == k_none) return false;
      if (close > at_ + 2 && pattern_[close - 1] == ':') return read_class(close);
    }
    if (c == '\\') {
      ++at_;
      if (peek(0) == 0) return false;
    }
    previous_ = peek(0);
    chosen_.set(previous_);
    ++at_;
    return true;
  }

  bool read_range() {
    ++at_;
    if (peek(0) == '\\') ++at_;
    const unsigned last = peek(0);
    if (last == 0) return false;
    for (unsigned c = previous_; c <= last; ++c) {
      chosen_.set(c);
      if (rule_ == CaseRule::folded && is_upper(c)) chosen_.set(c - 'A' + 'a');
    }
    previous_ = 0;
    ++at_;
    return true;
  }

  bool read_class(std::size_t close) {
    const std::string_view name = pattern_.substr(at_ + 2, close - at_ - 3);
    for (unsigned c = 0; c < 256; ++c) {
      const auto is_in = find_in_class(name, c, rule_);
      if (!is_in) return false;
      if (*is_in) chosen_.set(c);
    }
    previous_ = 0;
    at_ = close + 1;
    return true;
  }

  std::string_view pattern_;
  std::size_t at_ = 0;
  CaseRule rule_;
  unsigned previous_ = 0;  // what a range may begin with
  std::bitset<256> chosen_;
};

}  // namespace

unsigned char to_lower(char c) { return static_cast<unsigned char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

bool is_same(std::string_view a, std::string_view b, CaseRule rule) {
  if (rule == CaseRule::exact) return a == b;
  return std::ranges::equal(a, b, [](char x, char y) { return static_cast<unsigned char>(x) == to_lower(y); });
}

std::size_t plain_length(std::string_view pattern) { return std::min(pattern.find_first_of("*?[\\"), pattern.size()); }

Wildcard::Wildcard(std::string_view pattern, CaseRule rule) : rule_(rule) {
  for (std::size_t at = 0; at < pattern.size();) {
    const char c = pattern[at];
    if (c == '*') {
      add_stars(pattern, at);
    } else if (c == '[') {
      add_set(pattern, at);
    } else if (c == '?') {
      tokens_.push_back({Step::any});
      ++at;
    } else if (c == '\\') {
      const bool is_last = at + 1 == pattern.size();
      if (is_last) tokens_.push_back({Step::never});
      else tokens_.push_back({Step::character, static_cast<unsigned char>(pattern[at + 1])});
      at += 2;
    } else {
      tokens_.push_back({Step::character, rule == CaseRule::folded ? to_lower(c) : static_cast<unsigned char>(c)});
      ++at;
    }
  }
}

// "**" means something only as a whole part of the path.
void Wildcard::add_stars(std::string_view pattern, std::size_t& at) {
  const std::size_t first = at;
  at = std::min(pattern.find_first_not_of('*', first), pattern.size());
  const std::string_view rest = pattern.substr(at);
  const bool begins_a_part = first == 0 || pattern[first - 1] == '/';
  const bool ends_a_part = rest.empty() || rest.starts_with('/') || rest.starts_with("\\/");
  if (at - first == 1 || !begins_a_part || !ends_a_part) {
    tokens_.push_back({Step::star});
  } else if (rest.starts_with('/')) {
    tokens_.push_back({Step::any_folders});
    ++at;
  } else {
    tokens_.push_back({Step::anything});
  }
}

void Wildcard::add_set(std::string_view pattern, std::size_t& at) {
  SetReader reader(pattern, at + 1, rule_);
  const auto set = reader.read();
  if (!set || sets_.size() == std::numeric_limits<std::uint16_t>::max()) {
    tokens_.push_back({Step::never});
    at = pattern.size();
    return;
  }
  tokens_.push_back({Step::set, 0, static_cast<std::uint16_t>(sets_.size())});
  sets_.push_back(*set);
  at = reader.end();
}

bool Wildcard::is_step_over(const Token& token, unsigned char c) const {
  switch (token.step) {
    case Step::character: return token.character == c;
    case Step::any: return c != '/';
    case Step::set: return sets_[token.set][c];
    default: return false;
  }
}

// One place to return to for `*` and one for `**` are enough: what a later one can take includes whatever an earlier
// one would have left to it. So the time is at most (length of the pattern) × (length of the text) for each `**`.
bool Wildcard::matches(std::string_view text) const {
  std::size_t token = 0, at = 0;
  std::size_t star = k_none, star_end = 0;        // the token after the last `*`, and how far that `*` reaches
  std::size_t folders = k_none, folders_end = 0;  // the same of the last `**`
  for (;;) {
    const Step step = token < tokens_.size() ? tokens_[token].step : Step::never;
    if (token == tokens_.size() && at == text.size()) return true;
    if (step == Step::star) {
      star = ++token, star_end = at;
      continue;
    }
    if (step == Step::any_folders || step == Step::anything) {
      folders = ++token, folders_end = at;
      star = k_none;
      continue;
    }
    if (token < tokens_.size() && at < text.size()) {
      const auto plain = static_cast<unsigned char>(text[at]);
      if (is_step_over(tokens_[token], rule_ == CaseRule::folded ? to_lower(text[at]) : plain)) {
        if (plain == '/') star = k_none;
        ++token, ++at;
        continue;
      }
    }
    if (star != k_none && star_end < text.size() && text[star_end] != '/') {
      at = ++star_end;
      token = star;
      continue;
    }
    if (folders == k_none || folders_end >= text.size()) return false;
    star = k_none;
    const bool is_whole_parts = tokens_[folders - 1].step == Step::any_folders;
    folders_end = is_whole_parts ? text.find('/', folders_end) : folders_end;
    if (folders_end == k_none) return false;
    at = ++folders_end;
    token = folders;
  }
}

unsigned char Wildcard::last_character() const {
  return !tokens_.empty() && tokens_.back().step == Step::character ? tokens_.back().character : 0;
}

}  // namespace oc::context
