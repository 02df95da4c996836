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
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace oc::base {
namespace {

#ifdef __linux__
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

// CPUs that the cgroup's quota pays for ("max 100000" = no limit).
double cgroup_cpu_limit() {
  std::ifstream in("/sys/fs/cgroup/cpu.max");
  double quota = 0, period = 0;
  return in >> quota >> period && period > 0 ? quota / period : 1e9;
}

std::int64_t number_in(const std::string& path, std::int64_t fallback) {
  std::ifstream in(path);
  std::int64_t value = 0;
  return in >> value ? value : fallback;
}
#endif

}  // namespace

#ifdef __linux__

int physical_core_count() {
  const int by_quota = static_cast<int>(std::ceil(std::min(cgroup_cpu_limit(), 4096.0)));
  return std::max(1, std::min(allowed_physical_cores(), by_quota));
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

bool is_on_battery() {
  std::error_code failed;
  bool has_mains = false, has_battery = false;
  for (const auto& supply : std::filesystem::directory_iterator("/sys/class/power_supply", failed)) {
    const std::string type = first_line(supply.path() / "type");
    if (type == "Mains" && number_in(supply.path() / "online", 0) == 1) has_mains = true;
    if (type == "Battery" && first_line(supply.path() / "status") == "Discharging") has_battery = true;
  }
  return has_battery && !has_mains;
}

MemoryFacts memory_facts() {
  MemoryFacts facts;
  std::ifstream in("/proc/meminfo");
  std::string key, unit;
  for (std::int64_t kilobytes = 0; in >> key >> kilobytes; std::getline(in, unit)) {
    if (key == "MemTotal:") facts.total = ByteCount(kilobytes * 1024);
    if (key == "MemAvailable:") facts.available = ByteCount(kilobytes * 1024);
  }
  constexpr std::int64_t unlimited = std::int64_t{1} << 60;
  const std::int64_t limit = number_in("/sys/fs/cgroup/memory.max", unlimited);
  if (limit < unlimited) {
    const std::int64_t used = number_in("/sys/fs/cgroup/memory.current", 0);
    facts.total = std::min(facts.total, ByteCount(limit));
    facts.available = std::min(facts.available, ByteCount(std::max<std::int64_t>(0, limit - used)));
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
