// SPDX-License-Identifier: Apache-2.0
#include "edit/file_guard.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"

namespace oc::edit {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Path;
using base::Result;

// Folders whose contents tools read or run without being asked …
constexpr auto k_folders = std::to_array<std::string_view>(
    {".git",      ".hg",         ".svn",    ".bzr",      ".jj",       ".vscode",       ".idea",     ".fleet",
     ".zed",      ".settings",   ".github", ".gitlab",   ".gitea",    ".forgejo",      ".circleci", ".buildkite",
     ".teamcity", ".woodpecker", ".husky",  ".githooks", ".lefthook", ".devcontainer", ".direnv",   ".offline-coder",
     ".ssh",      ".gnupg",      ".cargo",  ".mvn",      ".gradle",   ".yarn",         ".mise",     ".claude",
     ".cursor",   ".windsurf",   ".codex",  ".gemini",   ".aws",      ".kube",         ".docker"});
// … and files.
constexpr auto k_files = std::to_array<std::string_view>({".envrc",
                                                          ".gitlab-ci.yml",
                                                          ".gitlab-ci.yaml",
                                                          ".gitmodules",
                                                          ".gitattributes",
                                                          ".gitconfig",
                                                          ".travis.yml",
                                                          ".travis.yaml",
                                                          "jenkinsfile",
                                                          "appveyor.yml",
                                                          ".appveyor.yml",
                                                          "azure-pipelines.yml",
                                                          "azure-pipelines.yaml",
                                                          "bitbucket-pipelines.yml",
                                                          "buildspec.yml",
                                                          "cloudbuild.yaml",
                                                          "cloudbuild.yml",
                                                          ".drone.yml",
                                                          ".drone.yaml",
                                                          ".woodpecker.yml",
                                                          ".woodpecker.yaml",
                                                          ".cirrus.yml",
                                                          ".pre-commit-config.yaml",
                                                          ".pre-commit-config.yml",
                                                          "lefthook.yml",
                                                          "lefthook.yaml",
                                                          ".lefthook.yml",
                                                          ".huskyrc",
                                                          ".devcontainer.json",
                                                          ".npmrc",
                                                          ".yarnrc",
                                                          ".yarnrc.yml",
                                                          ".pnpmfile.cjs",
                                                          ".pnp.cjs",
                                                          ".pnp.loader.mjs",
                                                          ".pypirc",
                                                          "sitecustomize.py",
                                                          "usercustomize.py",
                                                          ".bazelrc",
                                                          "rust-toolchain",
                                                          "rust-toolchain.toml",
                                                          ".mise.toml",
                                                          "mise.toml",
                                                          ".tool-versions",
                                                          ".bashrc",
                                                          ".bash_profile",
                                                          ".bash_login",
                                                          ".bash_logout",
                                                          ".profile",
                                                          ".zshrc",
                                                          ".zshenv",
                                                          ".zprofile",
                                                          ".zlogin",
                                                          ".vimrc",
                                                          ".exrc",
                                                          ".nvimrc",
                                                          ".nvim.lua",
                                                          ".lvimrc",
                                                          ".emacs",
                                                          ".dir-locals.el",
                                                          ".gdbinit",
                                                          ".lldbinit",
                                                          ".mcp.json",
                                                          ".cursorrules",
                                                          ".windsurfrules",
                                                          "autorun.inf",
                                                          "desktop.ini"});

// Letters that some file systems take for one of ASCII: long s, the Kelvin sign, the i with and without its dot.
void fold_letters(std::string& name) {
  constexpr std::array<std::pair<std::string_view, char>, 4> k_letters{
      {{"\u017f", 's'}, {"\u212a", 'k'}, {"\u0131", 'i'}, {"\u0130", 'i'}}};
  for (const auto& [letter, plain] : k_letters)
    for (std::size_t at = name.find(letter); at != std::string::npos; at = name.find(letter, at))
      name.replace(at, letter.size(), 1, plain);
}

// The name as file systems that know no case, hidden characters, dots at the end or streams take it.
std::string plain_name(const Path& part) {
  std::string seen = base::without_hidden_characters(base::to_utf8(part));
  seen = seen.substr(0, seen.find(':'));
  while (seen.ends_with('.') || seen.ends_with(' ')) seen.pop_back();
  std::ranges::transform(seen, seen.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  fold_letters(seen);
  return seen;
}

// "GIT~1" is what Windows calls ".git" for old programs, "GITATT~1.TXT" the like.
bool is_short_name(std::string_view name) {
  const std::size_t tilde = name.find('~');
  if (tilde == std::string_view::npos) return false;
  const std::string_view number = name.substr(tilde + 1, name.find('.', tilde) - tilde - 1);
  return !number.empty() && number.find_first_not_of("0123456789") == std::string_view::npos;
}

// Control characters, what the eye does not see, and what another system takes for a separator.
bool has_odd_character(const Path& path) {
  const std::string name = base::to_utf8(path);
  return base::without_hidden_characters(name) != name || std::ranges::any_of(name, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '\\';
         });
}

std::unexpected<base::Error> deny(const Path& path, std::string_view why) {
  return base::fail(ErrorKind::denied, fmt::format("{} is not changed: {}", base::display(path), why),
                    "look at the change; if it is right, say so for this one with --allow NAME");
}

std::unexpected<base::Error> deny_always(const Path& path, std::string_view why, std::string hint) {
  return base::fail(ErrorKind::denied, fmt::format("{} is not changed: {}", base::display(path), why), std::move(hint));
}

// Is one of the folders between `top` and the file a link, be it one that leads nowhere yet?
bool has_link_between(const Path& top, const Path& file) {
  Path at = top;
  std::error_code code;
  for (const Path& part : base::relative_to(file, top).parent_path()) {
    at /= part;
    if (fs::is_symlink(fs::symlink_status(at, code))) return true;
  }
  return false;
}

// What is true of the file's folder when all links are followed.
struct RealPlace {
  Path workspace;
  Path file;
  bool is_inside = false;
  bool is_by_link = false;
};

Result<RealPlace> find_real_place(const Path& path, const GuardOptions& options) {
  RealPlace place;
  std::error_code code;
  place.workspace = fs::weakly_canonical(options.workspace, code);
  if (code) return deny(path, "its workspace cannot be found");
  const Path folder = fs::weakly_canonical(path.parent_path(), code);
  if (code) return deny(path, "its folder cannot be found");
  place.file = folder / path.filename();
  place.is_inside = base::is_inside(place.file, place.workspace) && place.file != place.workspace;
  const Path normal = path.lexically_normal();
  if (!place.is_inside) {
    place.is_by_link = place.file != normal;
    return place;
  }
  // The workspace itself may be reached by a link.
  const Path inside = base::relative_to(place.file, place.workspace);
  const Path& top = base::is_inside(normal, options.workspace) ? options.workspace : place.workspace;
  place.is_by_link = inside != base::relative_to(normal, top) || has_link_between(top, normal);
  return place;
}

}  // namespace

bool runs_by_itself(const Path& inside) {
  for (auto part = inside.begin(); part != inside.end(); ++part) {
    const std::string name = plain_name(*part);
    const bool is_last = std::next(part) == inside.end();
    if (is_short_name(name)) return true;
    if (std::ranges::find(k_folders, name) != k_folders.end()) return true;
    if (is_last && std::ranges::find(k_files, name) != k_files.end()) return true;
  }
  return false;
}

Result<void> check_may_change(const Path& path, const GuardOptions& options) {
  if (has_odd_character(path)) return deny_always(path, "its name holds characters that hide or mislead", "");
  const Path name = path.filename();
  if (name.empty() || name == ".." || name == ".") return deny_always(path, "it is no name of a file", "");
  OC_TRY(const auto facts, base::find_file_facts(path));
  // A yes for a name is none for where a link of that name leads.
  if (facts && facts->is_symlink) return deny_always(path, "it is a link", "name the file that it leads to");
  if (facts && !facts->is_regular) return deny_always(path, "it is no regular file", "");
  OC_TRY(const RealPlace place, find_real_place(path, options));
  const bool is_permitted = std::ranges::find(options.permitted, path) != options.permitted.end();
  if (place.is_by_link && (place.is_inside || is_permitted))
    return deny_always(path, "a link leads to it", fmt::format("name {} itself", base::display(place.file)));
  if (is_permitted) return {};
  if (!place.is_inside)
    return deny(path, fmt::format("it is outside the workspace {}", base::display(place.workspace)));
  const Path inside = base::relative_to(place.file, place.workspace);
  if (runs_by_itself(inside)) return deny(path, "tools run or obey such a file by themselves");
  // Programs that open "~/x" mean another place.
  if (*inside.begin() == "~") return deny(path, "'~' would be a folder of the workspace");
  if (!facts) return {};
  std::error_code code;
  const auto names = fs::hard_link_count(path, code);
  if (!code && names > 1) return deny(path, "it has other names, too (hard links), whose text would part from it");
  const auto permissions = fs::status(path, code).permissions();
  if (!code && (permissions & fs::perms::owner_write) == fs::perms::none) return deny(path, "it is read-only");
  return {};
}

}  // namespace oc::edit
