// SPDX-License-Identifier: Apache-2.0
#include "context/request_words.hpp"

#include <algorithm>

#include "base/path.hpp"
#include "context/search_terms.hpp"
#include "syntax/language.hpp"

namespace oc::context {
namespace {

constexpr std::size_t k_most = 100;
constexpr std::size_t k_shortest_plain = 4;  // of words that may be prose

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<signed char>(c) < 0;
}
bool is_name_char(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }
bool is_path_char(char c) { return is_name_char(c) || c == '/' || c == '.' || c == '-' || c == '+' || c == '@'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

// "parse_url", "parseUrl", "HTTPServer", "a::b", "x2" rather than "parse" or "Parse".
bool looks_like_code(std::string_view name) {
  for (std::size_t i = 1; i < name.size(); ++i)
    if (name[i] == '_' || name[i] == ':' || name[i] == '.' || is_upper(name[i])) return true;
  return name.starts_with('_') || std::ranges::any_of(name, [](char c) { return c >= '0' && c <= '9'; });
}

bool looks_like_path(std::string_view word) {
  if (word.size() < 3 || word.size() > 500) return false;
  const std::size_t dot = word.rfind('.');
  if (dot == std::string_view::npos || dot + 1 == word.size()) return false;
  return syntax::find_language_of_file(base::path_from_utf8(word)) != nullptr;
}

class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  RequestWords read() {
    while (at_ < text_.size()) {
      if (!is_path_char(text_[at_])) {
        ++at_;
      } else if (!take_path()) {
        take_name();
      }
    }
    return std::move(words_);
  }

 private:
  bool take_path() {
    std::size_t end = at_;
    while (end < text_.size() && is_path_char(text_[end])) ++end;
    std::string_view word = text_.substr(at_, end - at_);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (!looks_like_path(word)) return false;
    at_ = end;
    if (word.starts_with("./")) word.remove_prefix(2);
    if (words_.paths.size() < k_most && std::ranges::find(words_.paths, word) == words_.paths.end())
      words_.paths.emplace_back(word);
    return true;
  }

  void take_name() {
    if (!is_letter(text_[at_])) {
      while (at_ < text_.size() && is_path_char(text_[at_]) && !is_letter(text_[at_])) ++at_;
      return;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size()) {
      const bool is_dot = text_[at_] == '.' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1]);
      if (is_name_char(text_[at_]) || is_dot) {
        ++at_;
      } else if (text_.substr(at_).starts_with("::") && at_ + 2 < text_.size() && is_letter(text_[at_ + 2])) {
        at_ += 2;
      } else {
        break;
      }
    }
    const char before = begin > 0 ? text_[begin - 1] : ' ', after = at_ < text_.size() ? text_[at_] : ' ';
    add(text_.substr(begin, at_ - begin), before == '`' || before == '\'' || before == '"' || after == '(');
  }

  void add(std::string_view name, bool is_marked) {
    const bool is_code = is_marked || looks_like_code(name);
    if (name.size() < 2 || name.size() > 200 || words_.symbols.size() >= k_most) return;
    if (!is_code && (name.size() < k_shortest_plain || is_filler(lowered(name)))) return;
    const auto known = std::ranges::find(words_.symbols, name, &NamedSymbol::name);
    if (known != words_.symbols.end()) {
      known->is_code |= is_code;
      return;
    }
    words_.symbols.push_back({std::string(name), is_code});
  }

  static std::string lowered(std::string_view name) {
    std::string lower(name);
    for (char& c : lower)
      if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
    return lower;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  RequestWords words_;
};

}  // namespace

RequestWords parse_request_words(std::string_view text) { return WordReader(text).read(); }

}  // namespace oc::context
