// SPDX-License-Identifier: Apache-2.0
#include "edit/syntax_gate.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "syntax/language.hpp"
#include "syntax/outline.hpp"

namespace oc::edit {
namespace {

using SyntaxError = syntax::OutlineReader::SyntaxError;
constexpr std::chrono::milliseconds k_patience{1000};

std::string_view line_of(std::string_view text, base::LineNumber line) {
  const auto lines = base::split_lines(text);
  const auto index = static_cast<std::size_t>(line.value - 1);
  return index < lines.size() ? base::trim(lines[index]) : std::string_view{};
}

// The first error of the new text that the old one does not have on an equal line.
const SyntaxError& first_new(const std::vector<SyntaxError>& now, std::string_view text,
                             const std::vector<SyntaxError>& old, std::string_view old_text) {
  for (const SyntaxError& error : now) {
    const bool was_there = std::ranges::any_of(old, [&](const SyntaxError& one) {
      return one.what == error.what && line_of(old_text, one.line) == line_of(text, error.line);
    });
    if (!was_there) return error;
  }
  return now.front();
}

}  // namespace

std::optional<std::string> find_syntax_error(std::string_view text, const syntax::Language* language) {
  if (language == nullptr || !syntax::has_grammar(*language)) return std::nullopt;
  const auto errors = syntax::OutlineReader().find_errors(*language, text, {k_patience, {}});
  if (!errors || errors->empty()) return std::nullopt;
  const SyntaxError& error = errors->front();
  return fmt::format("line {} is not {}: {} in {}", error.line.value, language->display_name, error.what,
                     base::in_quotes(line_of(text, error.line)));
}

std::optional<std::string> find_new_syntax_error(const FileChange& change) {
  if (!change.after) return std::nullopt;
  const syntax::Language* language = syntax::find_language_of_file(change.path);
  if (language == nullptr || !syntax::has_grammar(*language)) return std::nullopt;
  syntax::OutlineReader reader;
  const auto now = reader.find_errors(*language, *change.after, {k_patience, {}});
  if (!now || now->empty()) return std::nullopt;
  const std::string_view old_text = change.before ? std::string_view(*change.before) : std::string_view{};
  const auto old = reader.find_errors(*language, old_text, {k_patience, {}});
  if (!old || now->size() <= old->size()) return std::nullopt;
  const SyntaxError& error = first_new(*now, *change.after, *old, old_text);
  return fmt::format("line {} is not {}: {} in {}", error.line.value, language->display_name, error.what,
                     base::in_quotes(line_of(*change.after, error.line)));
}

}  // namespace oc::edit
