// SPDX-License-Identifier: Apache-2.0
#include "language_server/server_commands.hpp"

#include <algorithm>
#include <array>
#include <variant>

#include <fmt/format.h>

#include "base/process.hpp"
#include "base/text.hpp"
#include "sandbox/command_line.hpp"

namespace oc::language_server {
namespace {

using base::ErrorKind;
using base::Result;

struct Usual {
  std::string_view language;
  std::string_view line;
};

// The first that is there is taken. clangd would put an index into the project; the files that matter are opened
// instead.
constexpr auto k_usual = std::to_array<Usual>({
    {"c", "clangd --background-index=false --log=error"},
    {"python", "pyright-langserver --stdio"},
    {"python", "pylsp"},
    {"javascript", "typescript-language-server --stdio"},
    {"go", "gopls"},
    {"rust", "rust-analyzer"},
    {"java", "jdtls"},
});

bool is_language(std::string_view name) { return std::ranges::find(k_usual, name, &Usual::language) != k_usual.end(); }

std::string name_of(const base::CommandWords& command) {
  if (!std::holds_alternative<base::WordList>(command)) return "the language server";
  const std::string& program = std::get<base::WordList>(command).words.front();
  const std::string name = base::to_utf8(base::path_from_utf8(program).filename());
  return name.ends_with(".exe") ? name.substr(0, name.size() - 4) : name;
}

// Not by the project's own files: a name with a folder in it has to begin at the top.
Result<std::optional<ServerCommand>> command_of(std::string_view line) {
  OC_TRY(base::CommandWords words, sandbox::parse_command_line(line));
  ServerCommand command{std::move(words), ""};
  command.name = name_of(command.words);
  if (const auto* list = std::get_if<base::WordList>(&command.words)) {
    const std::string& program = list->words.front();
    const bool is_path = program.find_first_of("/\\") != std::string::npos;
    if (is_path && !base::path_from_utf8(program).is_absolute())
      return base::fail(
          ErrorKind::configuration,
          fmt::format("refactor.language_servers: {} begins at the project's folder", base::in_quotes(program)),
          "name a program of the PATH, or its whole path");
    if (!is_path && !base::find_program(program)) return std::nullopt;
  }
  return command;
}

}  // namespace

Result<std::optional<ServerCommand>> find_server(std::string_view language, std::span<const std::string> own) {
  std::optional<std::string_view> chosen;
  for (const std::string& line : own) {
    const std::size_t colon = line.find(':');
    const std::string_view name = base::trim(std::string_view(line).substr(0, colon));
    if (colon == std::string::npos || !is_language(name))
      return base::fail(
          ErrorKind::configuration,
          fmt::format("refactor.language_servers: {} does not begin with a language and a colon",
                      base::in_quotes(line)),
          "write for example 'python: pylsp'; the languages are c, python, javascript, go, rust and java");
    if (name == language && !chosen) chosen = base::trim(std::string_view(line).substr(colon + 1));
  }
  if (chosen) return chosen->empty() ? std::nullopt : command_of(*chosen);
  for (const Usual& usual : k_usual) {
    if (usual.language != language) continue;
    OC_TRY(auto command, command_of(usual.line));
    if (command) return command;
  }
  return std::nullopt;
}

std::string usual_servers(std::string_view language) {
  std::string names;
  for (const Usual& usual : k_usual)
    if (usual.language == language)
      names += (names.empty() ? "" : " or ") + std::string(usual.line.substr(0, usual.line.find(' ')));
  return names;
}

}  // namespace oc::language_server
