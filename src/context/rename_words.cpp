// SPDX-License-Identifier: Apache-2.0
#include "context/rename_words.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace oc::context {
namespace {

struct Words {
  std::string_view family, shown, keywords;
};

constexpr auto k_languages = std::to_array<Words>({
    {"python", "Python",
     " False None True and as assert async await break class continue def del elif else except finally for from "
     "global if import in is lambda nonlocal not or pass raise return try while with yield "},
    {"javascript", "JavaScript",
     " await break case catch class const continue debugger default delete do else enum export extends false finally "
     "for function if implements import in instanceof interface let new null package private protected public return "
     "static super switch this throw true try typeof var void while with yield arguments eval undefined "},
    {"c", "C and C++",
     " alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t char32_t class "
     "compl concept const consteval constexpr constinit const_cast continue co_await co_return co_yield decltype "
     "default delete do double dynamic_cast else enum explicit export extern false float for friend goto if inline int "
     "long mutable namespace new noexcept not not_eq nullptr operator or or_eq private protected public register "
     "reinterpret_cast requires restrict return short signed sizeof static static_assert static_cast struct switch "
     "template this thread_local throw true try typedef typeid typename union unsigned using virtual void volatile "
     "wchar_t while xor xor_eq "},
    {"go", "Go",
     " break case chan const continue default defer else fallthrough for func go goto if import interface map package "
     "range return select struct switch type var _ "},
    {"rust", "Rust",
     " Self abstract as async await become box break const continue crate do dyn else enum extern false final fn for "
     "gen if impl in let loop macro match mod move mut override priv pub ref return self static struct super trait "
     "true "
     "try type typeof unsafe unsized use virtual where while yield _ "},
    {"java", "Java",
     " abstract assert boolean break byte case catch char class const continue default do double else enum extends "
     "false final finally float for goto if implements import instanceof int interface long native new null package "
     "private protected public return short static strictfp super switch synchronized this throw throws transient true "
     "try void volatile while _ "},
});

const Words* find_words(std::string_view family) {
  const auto* found = std::ranges::find(k_languages, family, &Words::family);
  return found == k_languages.end() ? nullptr : found;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

bool can_rename_in(std::string_view family) { return find_words(family) != nullptr; }

std::string fault_of_name(std::string_view name, std::string_view family) {
  constexpr std::size_t k_longest = 200;
  const Words* words = find_words(family);
  if (words == nullptr) return "cannot be judged: the language is not known";
  const bool has_dollar = family == "javascript" || family == "java";
  const bool fits = !name.empty() && name.size() <= k_longest && !is_digit(name.front()) &&
                    std::ranges::all_of(name, [&](char c) { return is_name_character(c) || (has_dollar && c == '$'); });
  if (!fits || base::find_invalid_utf8(name) || base::without_hidden_characters(name) != name)
    return "is no name in " + std::string(words->shown);
  if (words->keywords.contains(" " + std::string(name) + " ")) return "is a keyword of " + std::string(words->shown);
  return "";
}

std::string prefix_of_name(std::string_view qualified) {
  const std::size_t at = qualified.find_last_of(".:");
  if (at == std::string_view::npos) return "";
  std::string_view prefix = qualified.substr(0, at);
  while (prefix.ends_with(':')) prefix.remove_suffix(1);
  return std::string(prefix);
}

std::string plain_type_name(std::string_view type) {
  type = type.substr(0, type.find('<'));
  const std::size_t at = type.find_last_of(".:");
  return std::string(base::trim(at == std::string_view::npos ? type : type.substr(at + 1)));
}

bool has_word(std::string_view text, std::string_view word) {
  for (std::size_t at = text.find(word); at != std::string_view::npos && !word.empty(); at = text.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_name_character(text[at - 1])) && (end == text.size() || !is_name_character(text[end])))
      return true;
  }
  return false;
}

bool is_in_prefix(std::string_view inner, std::string_view outer) {
  if (outer.empty() || inner == outer) return true;
  return inner.starts_with(outer) && (inner[outer.size()] == ':' || inner[outer.size()] == '.');
}

bool names_prefix(std::string_view qualifier, std::string_view prefix) {
  std::string plain;
  int depth = 0;
  for (const char c : qualifier) {
    depth += c == '<' ? 1 : 0;
    if (depth == 0 && c != ' ' && c != '\n') plain += c;
    depth -= c == '>' ? 1 : 0;
  }
  while (plain.starts_with(':')) plain.erase(0, 1);
  if (plain == prefix) return true;
  return !plain.empty() && prefix.ends_with(plain) &&
         std::string_view(".:").contains(prefix[prefix.size() - plain.size() - 1]);
}

}  // namespace oc::context
