// SPDX-License-Identifier: Apache-2.0
#include "sandbox/command_line.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::sandbox {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::string_view k_for_a_shell = "|&;<>$*`";

bool is_blank(char c) { return c == ' ' || c == '\t'; }

base::Result<void> check_characters(std::string_view line) {
  const auto is_control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == '\x7F'; };
  if (std::ranges::any_of(line, is_control) || base::find_invalid_utf8(line))
    return fail(ErrorKind::configuration,
                fmt::format("{} is no command: it must be one line of text", base::in_quotes(line)));
  return {};
}

// Splits a line into words, one character after the other.
class WordSplitter {
 public:
  explicit WordSplitter(std::string_view line) : line_(line) {}

  base::Result<std::vector<std::string>> split() {
    for (const char c : line_) {
      if (quote_ != 0) {
        if (c == quote_) quote_ = 0;
        else *word_ += c;
      } else if (is_blank(c)) {
        finish_word();
      } else if (k_for_a_shell.contains(c)) {
        return fail(
            ErrorKind::configuration,
            fmt::format("{} is no command: '{}' means something to a shell only", base::in_quotes(line_), c),
            fmt::format("begin the line with '{} ' to have a shell run it, or put '{}' in quotes", k_shell_prefix, c));
      } else {
        if (!word_) word_.emplace();
        if (c == '"' || c == '\'') quote_ = c;
        else *word_ += c;
      }
    }
    if (quote_ != 0)
      return fail(ErrorKind::configuration,
                  fmt::format("{} is no command: a {} is not closed", base::in_quotes(line_), quote_));
    finish_word();
    return std::move(words_);
  }

 private:
  void finish_word() {
    if (word_) words_.push_back(std::move(*word_));
    word_.reset();
  }

  std::string_view line_;
  std::vector<std::string> words_;
  std::optional<std::string> word_;  // being read; "" is a word, too, when it was quoted
  char quote_ = 0;
};

bool needs_quotes(std::string_view word) {
  return word.empty() || word.find_first_of(" \t'\"") != std::string_view::npos ||
         word.find_first_of(k_for_a_shell) != std::string_view::npos;
}

// As it may stand in a configuration; a word with both kinds of quotes has parts in each.
std::string in_marks(std::string_view word) {
  if (!needs_quotes(word)) return std::string(word);
  if (!word.contains('"')) return fmt::format("\"{}\"", word);
  if (!word.contains('\'')) return fmt::format("'{}'", word);
  std::string out = "\"";
  for (const char c : word) {
    if (c == '"') out += "\"'\"'\"";
    else out += c;
  }
  return out + '"';
}

}  // namespace

base::Result<base::CommandWords> parse_command_line(std::string_view line) {
  OC_CHECK(check_characters(line));
  const std::string_view trimmed = base::trim(line);
  if (trimmed.starts_with(k_shell_prefix)) {
    const std::string_view text = base::trim(trimmed.substr(k_shell_prefix.size()));
    if (text.empty()) return fail(ErrorKind::configuration, fmt::format("{} is no command", base::in_quotes(line)));
    return base::ShellLine{std::string(text)};
  }
  OC_TRY(std::vector<std::string> words, WordSplitter(trimmed).split());
  if (words.empty() || words.front().empty())
    return fail(ErrorKind::configuration, fmt::format("{} is no command: it names no program", base::in_quotes(line)));
  return base::WordList{std::move(words)};
}

std::string display(const base::CommandWords& command) {
  std::string text;
  if (const auto* line = std::get_if<base::ShellLine>(&command)) {
    text = fmt::format("{} {}", k_shell_prefix, line->text);
  } else {
    for (const std::string& word : std::get<base::WordList>(command).words)
      text += (text.empty() ? "" : " ") + in_marks(word);
  }
  const std::string escaped = base::in_quotes(text);  // escapes what would hide or act
  return escaped.substr(1, escaped.size() - 2);
}

}  // namespace oc::sandbox
