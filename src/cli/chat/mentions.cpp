// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/mentions.hpp"

#include <algorithm>

namespace oc::cli {
namespace {

constexpr std::size_t k_longest_message = 4096;
constexpr std::size_t k_most_mentions = 20;
constexpr std::string_view k_blanks = " \t\r\n";
constexpr std::string_view k_punctuation = ".,;:!?)]}'\"`";

bool is_name_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

std::vector<std::string> find_mentions(std::string_view message) {
  std::vector<std::string> names;
  if (message.size() > k_longest_message) return names;
  for (std::size_t at = message.find('@'); at != std::string_view::npos; at = message.find('@', at + 1)) {
    const bool begins_word = at == 0 || k_blanks.find(message[at - 1]) != std::string_view::npos ||
                             message[at - 1] == '(' || message[at - 1] == '`';
    if (!begins_word) continue;
    std::string_view name = message.substr(at + 1);
    name = name.substr(0, name.find_first_of(k_blanks));
    while (!name.empty() && k_punctuation.find(name.back()) != std::string_view::npos) name.remove_suffix(1);
    if (name.empty() || std::ranges::find(names, name) != names.end()) continue;
    names.emplace_back(name);
    if (names.size() == k_most_mentions) break;
  }
  return names;
}

bool looks_like_symbol(std::string_view name) {
  if (name.empty() || !is_name_character(name.front()) || !is_name_character(name.back())) return false;
  return std::ranges::all_of(name, [](char c) { return is_name_character(c) || c == '.' || c == ':'; });
}

}  // namespace oc::cli
