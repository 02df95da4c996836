// SPDX-License-Identifier: Apache-2.0
#include "sandbox/trusted_commands.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/sha256.hpp"
#include "base/text.hpp"
#include "base/units.hpp"

namespace oc::sandbox {
namespace {

constexpr base::ByteCount k_file_limit{10'000'000};
constexpr std::size_t k_hash_digits = 64;

// The name that this folder has whatever links led to it.
std::string real_name(const base::Path& folder) {
  std::error_code code;
  const base::Path real = std::filesystem::canonical(folder, code);
  return base::to_utf8(code ? folder.lexically_normal() : real);
}

// Each part with its length, so that no two lists of parts are one text.
void append_part(std::string& text, std::string_view part) { text += fmt::format("{}:{}\n", part.size(), part); }

bool is_hash(std::string_view line) {
  return line.size() == k_hash_digits &&
         std::ranges::all_of(line, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string ProjectCommand::hash() const {
  std::string text;
  append_part(text, "offline-coder command 1");
  append_part(text, real_name(workspace));
  append_part(text, real_name(folder));
  if (const auto* line = std::get_if<base::ShellLine>(&command)) {
    append_part(text, "shell");
    append_part(text, line->text);
  } else {
    append_part(text, "words");
    for (const std::string& word : std::get<base::WordList>(command).words) append_part(text, word);
  }
  return base::sha256(text);
}

base::Result<TrustedCommands> TrustedCommands::load(const base::Path& file) {
  TrustedCommands commands;
  commands.file_ = file;
  OC_TRY(const auto facts, base::find_file_facts(file));
  if (!facts) return commands;
  OC_TRY(const std::string text, base::read_file(file, k_file_limit));
  for (const std::string_view line : base::split_lines(text))
    if (is_hash(line)) commands.hashes_.emplace(line);
  return commands;
}

bool TrustedCommands::is_trusted(const ProjectCommand& command, CommandOrigin origin) const {
  return origin == CommandOrigin::user || hashes_.contains(command.hash());
}

base::Result<void> TrustedCommands::remember(std::span<const ProjectCommand> commands) {
  if (auto others = load(file_)) hashes_.merge(others->hashes_);  // what was confirmed meanwhile
  for (const ProjectCommand& command : commands) hashes_.insert(command.hash());
  std::string text;
  for (const std::string& hash : hashes_) text += hash + "\n";
  OC_CHECK(base::make_folder(file_.parent_path(), base::FileAccess::owner_only));
  return base::replace_file(file_, text, base::FileAccess::owner_only);
}

base::Path trusted_commands_file(const base::Path& state_folder) { return state_folder / "trusted-commands"; }

}  // namespace oc::sandbox
