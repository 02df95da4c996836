// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <system_error>

#include "base/files.hpp"
#include "base/text.hpp"
#include "context/git_config.hpp"

namespace oc::context {
namespace {

using base::Path;

constexpr base::ByteCount k_pointer_limit{1 << 20};  // git's own limit for a file ".git"

bool is_folder(const Path& path) {
  std::error_code code;
  return std::filesystem::is_directory(path, code);
}

// Does HEAD name a reference or an object?
bool is_head(const Path& path) {
  std::error_code code;
  if (std::filesystem::is_symlink(path, code)) {
    const Path target = std::filesystem::read_symlink(path, code);
    return !code && base::to_utf8(target).starts_with("refs/");
  }
  const auto head = base::read_head(path, base::ByteCount(255));
  if (!head) return false;
  std::string_view text = *head;
  constexpr std::string_view reference = "ref:";
  if (text.starts_with(reference)) return base::trim(text.substr(reference.size())).starts_with("refs/");
  constexpr std::size_t shortest_hash = 40;
  return text.size() >= shortest_hash &&
         text.substr(0, shortest_hash).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// Where `file` points to, after `before`; relative to the folder it lies in.
std::optional<Path> read_pointer(const Path& file, std::string_view before) {
  const auto bytes = base::read_file(file, k_pointer_limit);
  if (!bytes || !bytes->starts_with(before)) return std::nullopt;
  std::string_view text = std::string_view(*bytes).substr(before.size());
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.empty() || text.find('\0') != std::string_view::npos) return std::nullopt;
  const Path target = base::path_from_utf8(text);
  return (target.is_absolute() ? target : file.parent_path() / target).lexically_normal();
}

}  // namespace

std::optional<GitFolders> find_repository_at(const Path& folder) {
  GitFolders found{folder, folder / ".git", {}};
  if (!is_folder(found.own)) {
    const auto target = read_pointer(found.own, "gitdir: ");
    if (!target) return std::nullopt;
    found.own = *target;
  }
  found.common = read_pointer(found.own / "commondir", "").value_or(found.own);
  if (!is_head(found.own / "HEAD") || !is_folder(found.common / "objects") || !is_folder(found.common / "refs"))
    return std::nullopt;
  return found;
}

}  // namespace oc::context
