// SPDX-License-Identifier: Apache-2.0
#include "base/system.hpp"

#include <sched.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <unistd.h>
#ifdef __APPLE__
#include <mach/mach.h>
#include <sys/sysctl.h>
#endif

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <fmt/format.h>

#include "base/cgroup.hpp"
#include "base/power_supply.hpp"

namespace oc::base {
namespace {

#ifdef __linux__
constexpr const char* k_cgroup = "/sys/fs/cgroup";

std::string first_line(const std::string& path) {
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  return line;
}

int allowed_physical_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return static_cast<int>(std::thread::hardware_concurrency());
  std::set<std::string> cores;
  for (std::size_t cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &allowed)) continue;
    const std::string topology = fmt::format("/sys/devices/system/cpu/cpu{}/topology/", cpu);
    std::string siblings = first_line(topology + "thread_siblings_list");
    cores.insert(siblings.empty() ? fmt::format("cpu{}", cpu) : siblings);
  }
  return static_cast<int>(cores.size());
}
#endif

}  // namespace

#ifdef __linux__

int physical_core_count() {
  const int cores = allowed_physical_cores();
  return std::max(1, std::min(cores, cgroup_cpu_limit(k_cgroup).value_or(cores)));
}

int logical_core_count() {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::max(1, std::min(cores, cgroup_cpu_limit(k_cgroup).value_or(cores)));
}

bool can_drop_mapped_pages() { return true; }

// A line of the map: "BEGIN-END rights offset device inode   NAME".
void drop_mapped_pages(const Path& file) {
  std::error_code failed;
  const Path whole = std::filesystem::canonical(file, failed);
  if (failed) return;
  std::ifstream in("/proc/self/maps");
  for (std::string line; std::getline(in, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (!line.ends_with(" " + whole.native()) ||
        std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR, &begin, &end) != 2 ||
        line.find(" r--s ") == std::string::npos)
      continue;
    // Shared, read-only and of a file: dropping a page loses nothing.
    ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);  // NOLINT(performance-no-int-to-ptr)
  }
}

bool is_on_battery() { return is_discharging("/sys/class/power_supply"); }

MemoryFacts memory_facts() {
  MemoryFacts facts;
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t kilobytes = 0; in >> key >> kilobytes; std::getline(in, unit)) {
    if (key == "MemTotal:") facts.total = ByteCount(kilobytes * 1024);
    if (key == "MemAvailable:") facts.available = ByteCount(kilobytes * 1024);
  }
  if (const auto group = cgroup_memory(k_cgroup)) {
    facts.total = std::min(facts.total, group->limit);
    facts.available = std::min(facts.available, group->available);
  }
  return facts;
}

ByteCount resident_memory() {
  std::ifstream in("/proc/self/statm");
  std::int64_t total = 0, resident = 0;
  in >> total >> resident;
  return ByteCount(resident * ::sysconf(_SC_PAGESIZE));
}

#else

bool can_drop_mapped_pages() { return false; }
void drop_mapped_pages(const Path&) {}

// Who knows needs a framework that nothing else here does.
bool is_on_battery() { return false; }

int logical_core_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

int physical_core_count() {
  int cores = 0;
  std::size_t size = sizeof cores;
  if (::sysctlbyname("hw.physicalcpu", &cores, &size, nullptr, 0) == 0 && cores > 0) return cores;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

MemoryFacts memory_facts() {
  MemoryFacts facts;
  std::size_t size = sizeof facts.total.value;
  ::sysctlbyname("hw.memsize", &facts.total.value, &size, nullptr, 0);
  vm_statistics64_data_t pages{};
  mach_msg_type_number_t count = HOST_VM_INFO64_COUNT;
  if (::host_statistics64(::mach_host_self(), HOST_VM_INFO64, reinterpret_cast<host_info64_t>(&pages), &count) ==
      KERN_SUCCESS)
    facts.available =
        ByteCount(static_cast<std::int64_t>(pages.free_count + pages.inactive_count + pages.purgeable_count) *
                  ::sysconf(_SC_PAGESIZE));
  return facts;
}

ByteCount resident_memory() {
  mach_task_basic_info info{};
  mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
  if (::task_info(::mach_task_self(), MACH_TASK_BASIC_INFO, reinterpret_cast<task_info_t>(&info), &count) !=
      KERN_SUCCESS)
    return ByteCount(0);
  return ByteCount(static_cast<std::int64_t>(info.resident_size));
}

#endif

std::string system_description() {
  utsname name{};
  ::uname(&name);
  return fmt::format("{} {} {}", name.sysname, name.release, name.machine);
}

}  // namespace oc::base
