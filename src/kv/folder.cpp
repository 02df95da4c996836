// SPDX-License-Identifier: Apache-2.0
#include "kv/folder.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>

#include "base/cache_files.hpp"
#include "base/folder_entries.hpp"

namespace oc::kv {
namespace {

constexpr std::string_view k_extension = ".kv";
// Clocks of two processes, and the times that one of them gives to files used at the same moment, may differ by less.
constexpr std::int64_t k_future_ns = 60'000'000'000;

std::optional<Key> find_key(std::string_view name) {
  if (!name.ends_with(k_extension)) return std::nullopt;
  name.remove_suffix(k_extension.size());
  return Key::from_hex(name);
}

}  // namespace

base::ByteCount FolderContents::size_of_files() const {
  base::ByteCount size;
  for (const StoredFile& file : files) size += file.size;
  return size;
}

base::Path path_of(const base::Path& folder, const Key& key) {
  return folder / base::path_from_utf8(key.hex().append(k_extension));
}

base::Result<FolderContents> list_folder(const base::Path& folder) {
  FolderContents contents;
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored)) return contents;
  OC_TRY(const auto entries, base::list_folder_entries(folder));
  const std::int64_t future_ns = base::file_clock_now_ns() + k_future_ns;
  for (const base::FolderEntry& entry : entries) {
    if (entry.kind != base::EntryKind::file) continue;
    const base::ByteCount size(entry.stamp.size);
    if (const auto key = find_key(entry.name)) {
      contents.files.push_back({*key, size, entry.stamp.modified_ns < future_ns ? entry.stamp.modified_ns : 0});
    } else if (const auto target = base::find_target_of_temporary(entry.name); target && find_key(*target)) {
      contents.temporaries.push_back({folder / base::path_from_utf8(entry.name), size});
    }
  }
  std::ranges::sort(contents.files, {}, [](const StoredFile& file) { return std::tie(file.used_ns, file.key); });
  return contents;
}

}  // namespace oc::kv
