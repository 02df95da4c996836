// SPDX-License-Identifier: Apache-2.0
#include "base/files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::base {
namespace {

std::unexpected<Error> system_failure(std::string_view attempt, const Path& path, int code) {
  const ErrorKind kind = code == EEXIST ? ErrorKind::conflict : ErrorKind::io;
  std::string hint;
  if (code == ENOSPC || code == EDQUOT) hint = "free some space and run the command again; nothing was changed";
  return fail(kind, fmt::format("cannot {} {}: {}", attempt, display(path), std::strerror(code)), hint);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// errno of the failed write, 0 when all was written.
int write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

void sync_folder(const Path& folder) {
  const Descriptor d(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (d.get() >= 0) (void)::fsync(d.get());  // some file systems cannot; the rename itself is still atomic
}

Path folder_of(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

mode_t mode_for(FileAccess access) { return access == FileAccess::owner_only ? 0600 : 0666; }

struct TemporaryFile {
  Path name;
  Descriptor descriptor;
};

// A new file beside `target`. Its name does not contain the target's, which may be as long as names can be.
Result<TemporaryFile> open_temporary(const Path& target, mode_t mode) {
  static std::atomic<unsigned> counter{0};
  constexpr int attempts = 100;  // a process that died, or one of another container, may have left such a name
  for (int attempt = 1;; ++attempt) {
    Path name = folder_of(target) / fmt::format(".offline-coder-{}-{}.tmp", ::getpid(), counter++);
    Descriptor d(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
    if (d.get() >= 0) return TemporaryFile{std::move(name), std::move(d)};
    if (errno != EEXIST || attempt == attempts) return system_failure("write", target, errno);
  }
}

// Writes a synced temporary file beside `target`; returns its name.
Result<Path> write_temporary(const Path& target, std::string_view bytes, FileAccess access, const struct stat* like) {
  const mode_t mode = like != nullptr ? like->st_mode & 07777 : mode_for(access);
  OC_TRY(const TemporaryFile temporary, open_temporary(target, mode & 0777));
  const int fd = temporary.descriptor.get();
  // Before the bytes: nobody may read them who may not read the old file.
  int code = like != nullptr && ::fchmod(fd, mode) != 0 ? errno : 0;
  if (code == 0) code = write_all(fd, bytes);
  if (code == 0 && ::fsync(fd) != 0) code = errno;
  if (code != 0) {
    ::unlink(temporary.name.c_str());
    return system_failure("write", target, code);
  }
  return temporary.name;
}

std::unexpected<Error> not_regular(std::string_view attempt, const Path& path) {
  return fail(ErrorKind::io, fmt::format("cannot {} {}: it is not a regular file", attempt, display(path)));
}

}  // namespace

Result<std::optional<FileFacts>> find_file_facts(const Path& path) {
  struct stat own{}, target{};
  if (::lstat(path.c_str(), &own) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return system_failure("look at", path, errno);
  }
  FileFacts facts;
  facts.is_symlink = S_ISLNK(own.st_mode);
  target = own;
  if (facts.is_symlink && ::stat(path.c_str(), &target) != 0) target = own;
  facts.size = ByteCount(target.st_size);
#ifdef __APPLE__
  const auto& modified = target.st_mtimespec;
#else
  const auto& modified = target.st_mtim;
#endif
  facts.modified_ns = static_cast<std::int64_t>(modified.tv_sec) * 1'000'000'000 + modified.tv_nsec;
  facts.is_regular = S_ISREG(target.st_mode);
  return facts;
}

bool is_writable(const Path& path) {
  struct stat facts{};
  if (::stat(path.c_str(), &facts) != 0) return false;
  return ::access(path.c_str(), S_ISDIR(facts.st_mode) ? W_OK | X_OK : W_OK) == 0;
}

Result<std::string> read_file(const Path& path, ByteCount limit) {
  const Descriptor d(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (d.get() < 0) return system_failure("read", path, errno);
  struct stat facts{};
  if (::fstat(d.get(), &facts) != 0) return system_failure("read", path, errno);
  if (S_ISDIR(facts.st_mode)) return fail(ErrorKind::io, fmt::format("cannot read {}: it is a folder", display(path)));
  if (!S_ISREG(facts.st_mode)) return not_regular("read", path);
  const auto too_large = [&](std::int64_t size) {
    return fail(ErrorKind::too_large, fmt::format("{} is too large: {}, at most {} are read", display(path),
                                                  format_bytes(ByteCount(size)), format_bytes(limit)));
  };
  if (facts.st_size > limit.value) return too_large(facts.st_size);
  std::string bytes;
  bytes.resize(static_cast<std::size_t>(facts.st_size) + 1);
  std::size_t used = 0;
  for (;;) {  // files under /proc report size 0, others may grow meanwhile: read until the end, not until the size
    if (used == bytes.size()) bytes.resize(bytes.size() * 2 + 4096);
    const ssize_t n = ::read(d.get(), bytes.data() + used, bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_failure("read", path, errno);
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (static_cast<std::int64_t>(used) > limit.value) return too_large(static_cast<std::int64_t>(used));
  }
  bytes.resize(used);
  return bytes;
}

Result<void> replace_file(const Path& path, std::string_view bytes, FileAccess access) {
  std::error_code ignored;
  const Path resolved =
      std::filesystem::is_symlink(path, ignored) ? std::filesystem::weakly_canonical(path, ignored) : path;
  const Path target = folder_of(resolved) / resolved.filename();
  struct stat existing{};
  const bool exists = ::stat(target.c_str(), &existing) == 0;
  if (!exists && std::filesystem::is_symlink(target, ignored))
    return fail(ErrorKind::io, fmt::format("cannot write {}: it is a link that leads nowhere", display(path)));
  if (exists && !S_ISREG(existing.st_mode)) return not_regular("write", path);
  if (exists && ::access(target.c_str(), W_OK) != 0) return system_failure("write", path, errno);
  OC_TRY(const Path temporary, write_temporary(target, bytes, access, exists ? &existing : nullptr));
  if (::rename(temporary.c_str(), target.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    return system_failure("write", path, code);
  }
  sync_folder(folder_of(target));
  return {};
}

Result<void> create_file(const Path& path, std::string_view bytes, FileAccess access) {
  const Path target = folder_of(path) / path.filename();
  OC_TRY(const Path temporary, write_temporary(target, bytes, access, nullptr));
  // link() fails when the name exists, rename() would replace it.
  const int code = ::link(temporary.c_str(), target.c_str()) == 0 ? 0 : errno;
  ::unlink(temporary.c_str());
  if (code == EPERM || code == EOPNOTSUPP) {  // no hard links on this file system (FAT): exclusive open, then write
    const Descriptor d(::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_for(access)));
    if (d.get() < 0) return system_failure("create", path, errno);
    if (const int written = write_all(d.get(), bytes); written != 0) {
      ::unlink(target.c_str());
      return system_failure("create", path, written);
    }
    (void)::fsync(d.get());  // as for the folder: not every file system can
    return {};
  }
  if (code != 0) return system_failure("create", path, code);
  sync_folder(folder_of(target));
  return {};
}

Result<void> make_folder(const Path& path, FileAccess access) {
  std::error_code code;
  if (access == FileAccess::shared) {
    std::filesystem::create_directories(path, code);
    if (code) return system_failure("create folder", path, code.value());
    return {};
  }
  if (path.has_parent_path()) OC_CHECK(make_folder(path.parent_path()));
  if (::mkdir(path.c_str(), 0700) == 0) return {};
  const int reason = errno;
  std::error_code ignored;
  if (reason == EEXIST && std::filesystem::is_directory(path, ignored)) return {};
  return system_failure("create folder", path, reason);
}

Result<void> check_private_folder(const Path& path) {
  struct stat facts{};
  if (::lstat(path.c_str(), &facts) != 0) return system_failure("look at", path, errno);
  if (!S_ISDIR(facts.st_mode) || facts.st_uid != ::geteuid() || (facts.st_mode & 0077) != 0)
    return fail(ErrorKind::denied, fmt::format("folder {} is not this user's alone", display(path)),
                fmt::format("remove it, or chmod 700 {}", display(path)));
  return {};
}

Result<void> copy_file(const Path& from, const Path& to, bool (*progress)(ByteCount, void*), void* user) {
  const Descriptor in(::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts{};
  if (in.get() < 0 || ::fstat(in.get(), &facts) != 0) return system_failure("read", from, errno);
  if (!S_ISREG(facts.st_mode)) return not_regular("read", from);
  OC_TRY(const TemporaryFile temporary, open_temporary(to, mode_for(FileAccess::shared)));
  const Descriptor& out = temporary.descriptor;
  const auto give_up = [&](std::unexpected<Error> error) {
    ::unlink(temporary.name.c_str());
    return error;
  };
  std::string buffer(1 << 20, '\0');
  ByteCount done;
  for (;;) {
    const ssize_t n = ::read(in.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return give_up(system_failure("read", from, errno));
    if (n == 0) break;
    if (const int code = write_all(out.get(), std::string_view(buffer).substr(0, static_cast<std::size_t>(n)));
        code != 0)
      return give_up(system_failure("write", to, code));
    done += ByteCount(n);
    if (!progress(done, user))
      return give_up(fail(ErrorKind::cancelled, fmt::format("copy of {} stopped", display(from))));
  }
  if (::fsync(out.get()) != 0) return give_up(system_failure("write", to, errno));
  if (::rename(temporary.name.c_str(), to.c_str()) != 0) return give_up(system_failure("write", to, errno));
  sync_folder(folder_of(to));
  return {};
}

Result<std::optional<FileLock>> FileLock::try_acquire(const Path& path) {
  Descriptor d(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (d.get() < 0) return system_failure("lock", path, errno);
  if (::flock(d.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return std::nullopt;
    return system_failure("lock", path, errno);
  }
  return FileLock(d.release());
}

FileLock::FileLock(FileLock&& other) noexcept : handle_(std::exchange(other.handle_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(handle_, other.handle_);
  return *this;
}
FileLock::~FileLock() {
  if (handle_ >= 0) ::close(static_cast<int>(handle_));
}

}  // namespace oc::base
