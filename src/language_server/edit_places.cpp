// SPDX-License-Identifier: Apache-2.0
#include "language_server/edit_places.hpp"

#include <fmt/format.h>

namespace oc::language_server {
namespace {

bool is_of_word(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 || c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z');
}

std::string_view word_at(std::string_view text, std::size_t at) {
  std::size_t end = at;
  while (end < text.size() && is_of_word(text[end])) ++end;
  return text.substr(at, end - at);
}

// "\r\n" and "\n" are the same: some servers read files as lines.
std::size_t skip_returns(std::string_view text, std::size_t at) {
  return at + 1 < text.size() && text[at] == '\r' && text[at + 1] == '\n' ? at + 1 : at;
}

// Where the old name stands in `before` and the new one in `after`, which are the same otherwise.
std::expected<std::vector<NameRange>, std::size_t> differing_names(std::string_view before, std::string_view after,
                                                                   const Names& names) {
  std::vector<NameRange> found;
  std::size_t i = 0, j = 0;
  while (true) {
    i = skip_returns(before, i);
    j = skip_returns(after, j);
    if (i == before.size() || j == after.size()) break;
    const std::string_view old_word = word_at(before, i), new_word = word_at(after, j);
    if (old_word.empty() || new_word.empty()) {
      if (before[i++] != after[j++]) return std::unexpected(i - 1);
      continue;
    }
    if (old_word == names.old_name && new_word == names.new_name) found.push_back({i, i + old_word.size()});
    else if (old_word != new_word) return std::unexpected(i);
    i += old_word.size();
    j += new_word.size();
  }
  // A line end more or less at the end of a file is nobody's business.
  while (i < before.size() && (before[i] == '\n' || before[i] == '\r')) ++i;
  while (j < after.size() && (after[j] == '\n' || after[j] == '\r')) ++j;
  if (i != before.size() || j != after.size()) return std::unexpected(i);
  return found;
}

std::expected<NameRange, Refusal> bytes_of(const TextPositions& positions, const TextRange& range) {
  const auto begin = positions.offset_of(range.begin), end = positions.offset_of(range.end);
  if (!begin || !end) return std::unexpected(Refusal{begin.value_or(0), "its range is no range of this text"});
  if (*end < *begin) return std::unexpected(Refusal{*end, "its range ends before it begins"});
  return NameRange{*begin, *end};
}

// Is this range a word of its own?
bool is_whole_word(std::string_view text, const NameRange& range) {
  return (range.begin == 0 || !is_of_word(text[range.begin - 1])) &&
         (range.end == text.size() || !is_of_word(text[range.end]));
}

}  // namespace

std::expected<NameRange, Refusal> place_of_range(std::string_view text, const TextPositions& positions,
                                                 const TextRange& range, std::string_view old_name) {
  const auto bytes = bytes_of(positions, range);
  if (!bytes) return bytes;
  if (text.substr(bytes->begin, bytes->end - bytes->begin) != old_name || !is_whole_word(text, *bytes))
    return std::unexpected(Refusal{bytes->begin, "the old name does not stand there"});
  return *bytes;
}

std::expected<std::vector<NameRange>, Refusal> places_of_edit(std::string_view text, const TextPositions& positions,
                                                              const TextEdit& edit, const Names& names) {
  const auto bytes = bytes_of(positions, edit.range);
  if (!bytes) return std::unexpected(bytes.error());
  const std::string_view before = text.substr(bytes->begin, bytes->end - bytes->begin);
  const bool is_short = edit.text == fmt::format("{}: {}", names.old_name, names.new_name);
  if (before == names.old_name && (edit.text == names.new_name || is_short)) {
    if (is_whole_word(text, *bytes)) return std::vector{*bytes};
    return std::unexpected(Refusal{bytes->begin, "the old name does not stand there"});
  }
  if (before.size() <= names.old_name.size())
    return std::unexpected(Refusal{bytes->begin, before == names.old_name ? "it would put something else there"
                                                                          : "the old name does not stand there"});
  auto found = differing_names(before, edit.text, names);
  if (!found) return std::unexpected(Refusal{bytes->begin + found.error(), "it would change more than the name"});
  for (NameRange& range : *found) {
    range.begin += bytes->begin;
    range.end += bytes->begin;
    if (!is_whole_word(text, range)) return std::unexpected(Refusal{range.begin, "the old name does not stand there"});
  }
  return *found;
}

}  // namespace oc::language_server
