// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>

#include <fmt/format.h>

#include "base/folder_entries.hpp"

namespace oc::base {
namespace {

std::unexpected<Error> system_failure(std::string_view attempt, const Path& path, int code) {
  return fail(ErrorKind::io, fmt::format("cannot {} {}: {}", attempt, display(path), std::strerror(code)));
}

std::int64_t nanoseconds(const struct timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

EntryKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return EntryKind::file;
  if (S_ISDIR(mode)) return EntryKind::folder;
  return S_ISLNK(mode) ? EntryKind::symlink : EntryKind::special;
}

FileStamp stamp_of(const struct stat& facts) {
  FileStamp stamp;
  stamp.device = static_cast<std::uint64_t>(facts.st_dev);
  stamp.inode = static_cast<std::uint64_t>(facts.st_ino);
  stamp.size = static_cast<std::int64_t>(facts.st_size);
#ifdef __APPLE__
  stamp.modified_ns = nanoseconds(facts.st_mtimespec);
  stamp.changed_ns = nanoseconds(facts.st_ctimespec);
#else
  stamp.modified_ns = nanoseconds(facts.st_mtim);
  stamp.changed_ns = nanoseconds(facts.st_ctim);
#endif
  return stamp;
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using OpenFolder = std::unique_ptr<DIR, CloseFolder>;

bool is_dot_or_dotdot(const char* name) {
  return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

}  // namespace

Result<std::vector<FolderEntry>> list_folder_entries(const Path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return system_failure("list", folder, errno);
  const OpenFolder listing(::fdopendir(descriptor));
  if (!listing) {
    const int code = errno;
    ::close(descriptor);
    return system_failure("list", folder, code);
  }
  std::vector<FolderEntry> entries;
  for (;;) {
    errno = 0;
    const struct dirent* const found = ::readdir(listing.get());
    if (found == nullptr) {
      if (errno != 0) return system_failure("list", folder, errno);
      return entries;
    }
    if (is_dot_or_dotdot(found->d_name)) continue;
    struct stat facts{};
    if (::fstatat(descriptor, found->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // gone since it was listed
      return system_failure("look into", folder, errno);
    }
    entries.push_back({found->d_name, kind_of(facts.st_mode), stamp_of(facts)});
  }
}

Result<std::optional<FolderEntry>> find_folder_entry(const Path& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return system_failure("look at", path, errno);
  }
  return FolderEntry{path.filename().native(), kind_of(facts.st_mode), stamp_of(facts)};
}

std::int64_t file_clock_now_ns() {
#ifdef CLOCK_REALTIME_COARSE
  constexpr clockid_t clock = CLOCK_REALTIME_COARSE;  // what Linux stamps files with
#else
  constexpr clockid_t clock = CLOCK_REALTIME;
#endif
  struct timespec now{};
  ::clock_gettime(clock, &now);
  return nanoseconds(now);
}

}  // namespace oc::base
