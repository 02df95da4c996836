// SPDX-License-Identifier: Apache-2.0
#include "base/cache_files.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::base {
namespace {

std::unexpected<Error> system_failure(std::string_view attempt, const Path& path, int code) {
  return fail(ErrorKind::io, fmt::format("cannot {} {}: {}", attempt, display(path), std::strerror(code)));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

// The file keeps its time of last reading.
std::array<struct timespec, 2> times_of(std::int64_t modified_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  std::int64_t seconds = modified_ns / second, rest = modified_ns % second;
  if (rest < 0) {
    --seconds;
    rest += second;
  }
  std::array<struct timespec, 2> times{};
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_sec = static_cast<decltype(times[1].tv_sec)>(seconds);
  times[1].tv_nsec = static_cast<decltype(times[1].tv_nsec)>(rest);
  return times;
}

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

int open_temporary(const Path& path, Path& name) {
  static std::atomic<unsigned> counter{0};
  constexpr int attempts = 100;  // a process that died, or one of another container, may have left such a name
  for (int attempt = 1;; ++attempt) {
    name = path;
    name += fmt::format(".{}-{}.tmp", ::getpid(), counter++);
    const int fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 || errno != EEXIST || attempt == attempts) return fd;
  }
}

// `bytes` holds what was read, at most `size`. errno of the failed read, 0 when the end or `size` was reached.
int read_up_to(int fd, std::size_t size, std::string& bytes) {
  int code = 0;
  // Not resize(): that would write zeros over all of it first.
  bytes.resize_and_overwrite(size, [&](char* buffer, std::size_t room) {
    std::size_t used = 0;
    while (used < room) {
      const ssize_t n = ::read(fd, buffer + used, room - used);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) code = errno;
      if (n <= 0) break;
      used += static_cast<std::size_t>(n);
    }
    return used;
  });
  return code;
}

}  // namespace

Result<void> write_cache_file(const Path& path, std::span<const std::string_view> pieces, std::int64_t modified_ns) {
  Path name;
  const Descriptor file(open_temporary(path, name));
  if (file.get() < 0) return system_failure("write", path, errno);
  // Says that the writer lives (remove_abandoned_temporary). A file system without locks must do without.
  (void)::flock(file.get(), LOCK_EX | LOCK_NB);
  int code = 0;
  for (const std::string_view piece : pieces)
    if (code == 0) code = write_all(file.get(), piece);
  if (code == 0 && ::futimens(file.get(), times_of(modified_ns).data()) != 0) code = errno;
  if (code == 0 && ::rename(name.c_str(), path.c_str()) != 0) code = errno;
  if (code == 0) return {};
  ::unlink(name.c_str());
  return system_failure("write", path, code);
}

Result<std::optional<std::string>> read_cache_file(const Path& path, ByteCount limit) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return system_failure("read", path, errno);
  }
  struct stat facts{};
  if (::fstat(file.get(), &facts) != 0) return system_failure("read", path, errno);
  if (!S_ISREG(facts.st_mode))
    return fail(ErrorKind::io, fmt::format("cannot read {}: it is not a regular file", display(path)));
  if (facts.st_uid != ::geteuid() || (facts.st_mode & 0022) != 0)
    return fail(ErrorKind::denied, fmt::format("{} is not this user's alone to write", display(path)));
  if (facts.st_size > limit.value)
    return fail(ErrorKind::too_large, fmt::format("{} is too large: {}, at most {} are read", display(path),
                                                  format_bytes(ByteCount(facts.st_size)), format_bytes(limit)));
  std::string bytes;
  if (const int code = read_up_to(file.get(), static_cast<std::size_t>(facts.st_size), bytes); code != 0)
    return system_failure("read", path, code);
  return bytes;
}

Result<bool> set_file_time(const Path& path, std::int64_t modified_ns) {
  if (::utimensat(AT_FDCWD, path.c_str(), times_of(modified_ns).data(), AT_SYMLINK_NOFOLLOW) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return system_failure("set the time of", path, errno);
}

Result<bool> remove_abandoned_temporary(const Path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.get() < 0) {
    if (errno == ENOENT) return true;
    return system_failure("delete", path, errno);
  }
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_failure("delete", path, errno);
  return true;
}

}  // namespace oc::base
