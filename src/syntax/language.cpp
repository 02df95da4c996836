// SPDX-License-Identifier: Apache-2.0
#include "syntax/language.hpp"

#include <algorithm>
#include <string>

#include "base/text.hpp"
#include "syntax/language_table.hpp"

namespace oc::syntax {
namespace {

// The first word of the text and the text behind it.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(" \t"));
  text.remove_prefix(word.size());
  return word;
}

bool is_same_without_case(std::string_view word, std::string_view lower) {
  return std::ranges::equal(word, lower, {}, [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : int{c}; });
}

// `lower` must be in lower case already.
bool has_word(std::string_view words, std::string_view lower) {
  while (!words.empty() && !lower.empty())
    if (is_same_without_case(take_word(words), lower)) return true;
  return false;
}

const Language* find_by_word(std::string_view Language::* field, std::string_view lower) {
  const auto table = language_table();
  const auto row = std::ranges::find_if(table, [&](const Language& l) { return has_word(l.*field, lower); });
  return row == table.end() ? nullptr : &*row;
}

}  // namespace

std::span<const Language> languages() { return language_table(); }

const Language* find_language_of_file(const base::Path& path, std::string_view first_line) {
  const std::string name = base::to_lower_ascii(base::to_utf8(path.filename()));
  if (const Language* found = find_by_word(&Language::file_names, name)) return found;
  const std::size_t last_dot = name.rfind('.');
  const bool has_extension = last_dot != std::string::npos && last_dot > 0;
  if (has_extension) {
    if (const Language* found = find_by_word(&Language::extensions, name.substr(last_dot + 1))) return found;
    if (const Language* found = find_by_word(&Language::file_names, name.substr(0, name.find('.')))) return found;
  }
  return find_language_of_shebang(first_line);
}

const Language* find_language(std::string_view name_or_alias) {
  std::string name = base::to_lower_ascii(base::trim(name_or_alias));
  if (name.empty()) return nullptr;
  for (const Language& language : language_table())
    if (name == language.id || is_same_without_case(language.display_name, name)) return &language;
  for (const auto field : {&Language::fence, &Language::aliases})
    if (const Language* found = find_by_word(field, name)) return found;
  if (name.front() == '.') name.erase(0, 1);
  return find_by_word(&Language::extensions, name);
}

const Language* find_language_of_shebang(std::string_view first_line) {
  if (first_line.starts_with(base::k_byte_order_mark)) first_line.remove_prefix(base::k_byte_order_mark.size());
  if (!first_line.starts_with("#!")) return nullptr;
  std::string_view rest = base::trim_end(first_line.substr(2, first_line.find('\n') - 2));
  const auto file_name = [](std::string_view program) { return program.substr(program.find_last_of("/\\") + 1); };
  std::string_view program = file_name(take_word(rest));
  if (program == "env") {
    do {  // options of env and settings like LANG=C come before the program
      program = take_word(rest);
    } while (program.starts_with('-') || program.find('=') != std::string_view::npos);
    program = file_name(program);
  }
  const std::size_t end = program.find_last_not_of("0123456789.");
  return find_by_word(&Language::interpreters,
                      base::to_lower_ascii(program.substr(0, end == std::string_view::npos ? 0 : end + 1)));
}

}  // namespace oc::syntax
