// SPDX-License-Identifier: Apache-2.0
#include "base/posix_process_tree.hpp"

#ifdef __linux__
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>
#endif

namespace oc::base::posix {

#ifdef __linux__
namespace {

// The beginning of a small file of /proc; "" when the process is gone.
std::string_view read_small(const std::string& path, std::span<char> buffer) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  const ssize_t n = ::read(fd, buffer.data(), buffer.size());
  ::close(fd);
  return {buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

// The number that the text begins with after blanks; 0 if none.
std::int64_t take_number(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  std::int64_t number = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return code == std::errc() ? number : 0;
}

pid_t parent_of(pid_t pid) {
  std::array<char, 512> buffer;
  std::string_view text = read_small(fmt::format("/proc/{}/stat", pid), buffer);
  const std::size_t name_end = text.rfind(')');  // "17 (any name) S 1 …"
  if (name_end == std::string_view::npos || name_end + 4 > text.size()) return 0;
  text.remove_prefix(name_end + 3);
  return static_cast<pid_t>(take_number(text));
}

std::int64_t memory_of(pid_t pid) {
  std::array<char, 256> buffer;
  std::string_view text = read_small(fmt::format("/proc/{}/statm", pid), buffer);
  (void)take_number(text);  // the address space
  const std::int64_t resident = take_number(text), shared = take_number(text);
  return std::max<std::int64_t>(0, resident - shared) * ::sysconf(_SC_PAGESIZE);
}

// The processes that /proc lists; nullopt when it cannot be read.
std::optional<std::vector<pid_t>> list_processes() {
  std::vector<pid_t> found;
  std::error_code code;
  for (std::filesystem::directory_iterator at("/proc", code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename().string();
    pid_t pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec == std::errc() && parsed.ptr == name.data() + name.size()) found.push_back(pid);
  }
  if (code) return std::nullopt;
  return found;
}

}  // namespace

std::optional<int> count_processes() {
  return list_processes().transform([](const auto& found) { return static_cast<int>(found.size()); });
}

std::optional<TreeUse> measure_tree(pid_t root) {
  const auto processes = list_processes();
  if (!processes) return std::nullopt;
  std::unordered_map<pid_t, std::vector<pid_t>> children;
  for (const pid_t pid : *processes) children[parent_of(pid)].push_back(pid);
  TreeUse use;
  std::unordered_set<pid_t> seen{root};  // read one after the other, the lines may make a circle
  std::vector<pid_t> todo{root};
  while (!todo.empty()) {
    const auto found = children.find(todo.back());
    todo.pop_back();
    if (found == children.end()) continue;
    for (const pid_t pid : found->second) {
      if (!seen.insert(pid).second) continue;
      ++use.processes;
      use.memory += ByteCount(memory_of(pid));
      todo.push_back(pid);
    }
  }
  return use;
}

#else

std::optional<int> count_processes() { return std::nullopt; }
std::optional<TreeUse> measure_tree(pid_t) { return std::nullopt; }

#endif

}  // namespace oc::base::posix
