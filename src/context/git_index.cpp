// SPDX-License-Identifier: Apache-2.0
#include "context/git_index.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace oc::context {
namespace {

using base::ErrorKind;
using base::fail;

constexpr std::uint32_t k_submodule_bit = 0x8000'0000;
constexpr std::uint32_t k_kind_mask = 0170000;
constexpr std::uint32_t k_submodule = 0160000;
constexpr std::uint32_t k_folder = 0040000;  // a folder of a sparse checkout: nothing of it is on disk

std::unexpected<base::Error> damaged() { return fail(ErrorKind::usage, "git's index is damaged"); }

// Reads one entry after the other. Nothing is believed: every number is checked against the bytes that are left.
class EntryReader {
 public:
  EntryReader(std::string_view bytes, std::size_t hash_size, std::uint32_t version)
      : bytes_(bytes), hash_size_(hash_size), version_(version) {}

  struct Entry {
    std::uint32_t mode = 0;
    std::string_view path;  // until the next one is read
  };

  std::optional<Entry> read() {
    constexpr std::size_t stat_size = 40, mode_at = 24;
    const std::size_t first = at_;
    Entry entry;
    const auto mode = number<4>(at_ + mode_at);
    const auto flags = number<2>(at_ + stat_size + hash_size_);
    if (!mode || !flags) return std::nullopt;
    entry.mode = *mode;
    at_ += stat_size + hash_size_ + 2;
    constexpr std::uint32_t extended = 0x4000;
    if ((*flags & extended) != 0) {
      if (version_ < 3 || !number<2>(at_)) return std::nullopt;
      at_ += 2;
    }
    if (!(version_ == 4 ? read_compressed_path() : read_path(first))) return std::nullopt;
    entry.path = path_;
    return entry;
  }

  std::size_t at() const { return at_; }

 private:
  // Big endian.
  template <std::size_t size>
  std::optional<std::uint32_t> number(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < size) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at + i]);
    return value;
  }

  // Up to a NUL; the entry is filled up with more of them to a multiple of 8.
  bool read_path(std::size_t first) {
    const std::size_t end = bytes_.find('\0', at_);
    if (end == std::string_view::npos) return false;
    path_ = bytes_.substr(at_, end - at_);
    at_ = first + (end - first + 8) / 8 * 8;
    return at_ <= bytes_.size();
  }

  // How much to drop from the end of the path before, and what follows then up to a NUL.
  bool read_compressed_path() {
    std::size_t drop = 0;
    for (bool is_first = true;; is_first = false) {
      const auto byte = number<1>(at_);
      if (!byte || drop > path_.size()) return false;
      ++at_;
      drop = (is_first ? 0 : (drop + 1) << 7) + (*byte & 0x7F);
      if ((*byte & 0x80) == 0) break;
    }
    const std::size_t end = bytes_.find('\0', at_);
    if (drop > path_.size() || end == std::string_view::npos) return false;
    path_.resize(path_.size() - drop);
    path_ += bytes_.substr(at_, end - at_);
    at_ = end + 1;
    return true;
  }

  std::string_view bytes_;
  std::size_t hash_size_;
  std::uint32_t version_;
  std::size_t at_ = 0;
  std::string path_;
};

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const char c : four) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

// Extensions that must be understood have names in lower case.
base::Result<void> check_extensions(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bytes.size() < 8) return damaged();
    const std::string_view name = bytes.substr(0, 4);
    const std::size_t size = big_endian(bytes.substr(4, 4));
    if (size > bytes.size() - 8) return damaged();
    if (name == "link") return fail(ErrorKind::usage, "git's index is a split one");
    if (name[0] >= 'a' && name[0] <= 'z' && name != "sdir")
      return fail(ErrorKind::usage, "git's index is of a newer kind");
    bytes.remove_prefix(8 + size);
  }
  return {};
}

}  // namespace

std::string_view GitIndex::path(std::size_t entry) const {
  const std::size_t first = entry == 0 ? 0 : ends_[entry - 1] & ~k_submodule_bit;
  return std::string_view(paths_).substr(first, (ends_[entry] & ~k_submodule_bit) - first);
}

// The first entry for which `before` is false, where it is true for all those before that one.
template <class Before>
std::size_t GitIndex::first_not(Range within, Before before) const {
  while (within.first < within.last) {
    const std::size_t middle = within.first + (within.last - within.first) / 2;
    if (before(path(middle))) within.first = middle + 1;
    else within.last = middle;
  }
  return within.first;
}

GitIndex::Range GitIndex::below(std::string_view folder, Range within) const {
  within.first = first_not(within, [&](std::string_view path) { return path < folder; });
  within.last = first_not(within, [&](std::string_view path) { return path.starts_with(folder); });
  return within;
}

GitIndex::Tracked GitIndex::find(std::string_view wanted, Range within) const {
  const std::size_t at = first_not(within, [&](std::string_view path) { return path < wanted; });
  if (at == within.last || path(at) != wanted) return Tracked::no;
  return (ends_[at] & k_submodule_bit) != 0 ? Tracked::submodule : Tracked::file;
}

base::Result<GitIndex> parse_git_index(std::string_view bytes, std::size_t hash_size) {
  constexpr std::size_t header_size = 12;
  if (bytes.size() < header_size + hash_size || !bytes.starts_with("DIRC")) return damaged();
  const std::uint32_t version = big_endian(bytes.substr(4, 4));
  const std::uint32_t count = big_endian(bytes.substr(8, 4));
  if (version < 2 || version > 4) return fail(ErrorKind::usage, fmt::format("git's index has version {}", version));
  const std::string_view body = bytes.substr(header_size, bytes.size() - header_size - hash_size);
  if (count > body.size() / (42 + hash_size)) return damaged();
  // Version 4 can name long paths in few bytes; more than this on average is a bomb.
  const std::size_t paths_limit = std::min<std::size_t>(k_submodule_bit - 1, 16 * bytes.size());
  GitIndex index;
  index.ends_.reserve(count);
  EntryReader reader(body, hash_size, version);
  std::string_view last;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto entry = reader.read();
    if (!entry || entry->path.empty()) return damaged();
    if ((entry->mode & k_kind_mask) == k_folder) continue;
    if (!index.ends_.empty()) last = index.path(index.ends_.size() - 1);
    if (entry->path < last) return damaged();
    if (entry->path == last) continue;  // the sides of a conflict
    if (entry->path.size() > paths_limit - index.paths_.size()) return damaged();
    index.paths_ += entry->path;
    const bool is_submodule = (entry->mode & k_kind_mask) == k_submodule;
    index.ends_.push_back(static_cast<std::uint32_t>(index.paths_.size()) | (is_submodule ? k_submodule_bit : 0));
  }
  OC_CHECK(check_extensions(body.substr(reader.at())));
  return index;
}

}  // namespace oc::context
