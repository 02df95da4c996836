// SPDX-License-Identifier: Apache-2.0
#include "edit/file_side.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <ranges>
#include <string>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"

namespace oc::edit {
namespace {

namespace fs = std::filesystem;
using base::ErrorKind;
using base::Path;
using base::Result;

const std::optional<std::string>& content(const FileChange& file, Side side) {
  return side == Side::before ? file.before : file.after;
}

// ".offline-coder-PID-N.tmp" (base/files): the process that made it; 0 for other names.
std::int64_t maker_of_temporary(std::string_view name) {
  constexpr std::string_view k_start = ".offline-coder-", k_end = ".tmp";
  if (!name.starts_with(k_start) || !name.ends_with(k_end)) return 0;
  name.remove_prefix(k_start.size());
  std::int64_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc{} && end < name.data() + name.size() && *end == '-' ? pid : 0;
}

// A file that comes back was perhaps readable for its owner alone: it is so until it has its own mode again.
Result<void> create(const StoredFile& file, const std::string& bytes, Side to) {
  const Path& path = file.change.path;
  if (path.has_parent_path()) OC_CHECK(base::make_folder(path.parent_path()));
  const bool has_own_mode = to == Side::before && file.permissions != 0;
  return base::create_file(path, bytes, has_own_mode ? base::FileAccess::owner_only : base::FileAccess::shared);
}

void remove_made_folders(const StoredFile& file) {
  std::error_code code;
  for (const Path& folder : file.new_folders | std::views::reverse)
    // Others may have put something there. One that was not made yet has no contents either.
    if (!fs::remove(folder, code) && code) break;
}

Result<void> give_own_mode(const StoredFile& file) {
  std::error_code code;
  fs::permissions(file.change.path, static_cast<fs::perms>(file.permissions), code);
  if (!code) return {};
  return base::fail(ErrorKind::io,
                    fmt::format("cannot give {} its mode back: {}", base::display(file.change.path), code.message()));
}

}  // namespace

Result<FileState> state_of(const FileChange& file) {
  OC_TRY(const auto facts, base::find_file_facts(file.path));
  std::optional<std::string> now;
  if (facts) {
    if (!facts->is_regular || facts->is_symlink) return FileState::stranger;
    const std::size_t longest = std::max(file.before ? file.before->size() : 0, file.after ? file.after->size() : 0);
    if (facts->size.value > static_cast<std::int64_t>(longest)) return FileState::stranger;
    auto bytes = base::read_file(file.path, base::ByteCount(static_cast<std::int64_t>(longest)));
    if (!bytes && bytes.error().kind == ErrorKind::too_large) return FileState::stranger;
    if (!bytes) return std::unexpected(bytes.error());
    now = std::move(*bytes);
  }
  if (file.before == file.after && now == file.before) return FileState::both;
  if (now == file.before) return FileState::before;
  return now == file.after ? FileState::after : FileState::stranger;
}

Result<std::optional<std::string>> read_now(const Path& path) {
  OC_TRY(const auto facts, base::find_file_facts(path));
  if (!facts) return std::nullopt;
  OC_TRY(std::string bytes, base::read_file(path, facts->size));
  return std::optional(std::move(bytes));
}

Result<void> bring(const StoredFile& file, Side to) {
  OC_TRY(const FileState state, state_of(file.change));
  if (state == FileState::stranger)
    return base::fail(ErrorKind::conflict,
                      fmt::format("cannot write '{}': it was changed meanwhile", file.change.shown),
                      "run the command again");
  const auto& wanted = content(file.change, to);
  if (!is_at(state, to)) {
    const auto& now = content(file.change, to == Side::before ? Side::after : Side::before);
    OC_CHECK(!wanted ? base::remove_file(file.change.path)
             : !now  ? create(file, *wanted, to)
                     : base::replace_file(file.change.path, *wanted));
  }
  // Whoever began this may have died in between, or failed: what belongs to it is done even where the bytes are right.
  if (!wanted) remove_made_folders(file);
  const bool comes_back = to == Side::before && !file.change.after && wanted;
  return comes_back && file.permissions != 0 ? give_own_mode(file) : Result<void>{};
}

void remove_left_temporaries(const Path& path) {
  std::error_code code;
  for (fs::directory_iterator at(path.parent_path(), code), end; !code && at != end; at.increment(code)) {
    const std::int64_t maker = maker_of_temporary(base::to_utf8(at->path().filename()));
    if (maker != 0 && !base::is_process_alive(maker)) (void)base::remove_file(at->path());
  }
}

}  // namespace oc::edit
