// SPDX-License-Identifier: Apache-2.0
#include "tasks/prompt_texts.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "base/path.hpp"
#include "base/text.hpp"
#include "syntax/language.hpp"
#include "tasks/embedded_files.hpp"

namespace oc::tasks {
namespace {

// A mistake in the build, not in anybody's input.
[[noreturn]] void broken_build(std::string_view what, std::string_view name) {
  std::fputs(fmt::format("offline-coder: {} '{}' does not exist\n", what, name).c_str(), stderr);
  std::abort();
}

}  // namespace

std::string prompt_text(std::string_view name, const PromptValues& values) {
  const std::string file_name = std::string(name) + ".md";
  const auto files = embedded_files();
  const auto file = std::ranges::find(files, file_name, &EmbeddedFile::name);
  if (file == files.end()) broken_build("prompt", name);
  std::string_view rest = base::trim_end(file->bytes);
  std::string text;
  for (std::size_t open = rest.find("{{"); open != std::string_view::npos; open = rest.find("{{")) {
    const std::size_t close = rest.find("}}", open);
    const std::string_view key = rest.substr(open + 2, close - open - 2);
    const auto value = std::ranges::find(values, key, &PromptValues::value_type::first);
    if (value == values.end()) broken_build("value of prompt", key);
    text.append(rest.substr(0, open)).append(value->second);
    rest.remove_prefix(close + 2);
  }
  return text.append(rest);
}

std::size_t longest_fence_in(std::string_view text) {
  std::size_t longest = 0, run = 0;
  for (const char c : text) {
    run = c == '`' ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string fenced(std::string_view text, std::string_view language) {
  const std::string fence(std::max<std::size_t>(3, longest_fence_in(text) + 1), '`');
  std::string out = fmt::format("{}{}\n{}", fence, language, text);
  if (!out.ends_with('\n')) out += '\n';
  return out + fence + "\n";
}

std::string framed_piece(const context::Piece& piece) {
  const syntax::Language* language = syntax::find_language_of_file(base::path_from_utf8(piece.path));
  std::string block = fenced(piece.text, language != nullptr ? language->fence : "");
  if (piece.path.empty()) return block;
  if (piece.form == context::Form::outline)
    return prompt_text("outline", {{"path", piece.path}, {"outline", block}}) + "\n";
  const std::string lines = piece.lines.first.value > 1 ? fmt::format(" from line {}", piece.lines.first.value) : "";
  return fmt::format("File `{}`{}:\n{}", piece.path, lines, block);
}

void number_lines(context::Piece& piece) {
  std::string numbered;
  std::int64_t number = piece.lines.first.value;
  for (const std::string_view line : base::split_lines(piece.text)) numbered += fmt::format("{}| {}\n", number++, line);
  piece.text = std::move(numbered);
}

std::string framed_map(std::string_view map) {
  return prompt_text("workspace_map", {{"map", fenced(map, "text")}}) + "\n";
}

}  // namespace oc::tasks
