// SPDX-License-Identifier: Apache-2.0
#include "base/system.hpp"

#include "base/files.hpp"
#include "base/windows_api.hpp"

#include <psapi.h>

#include <algorithm>
#include <cstddef>
#include <thread>

#include <fmt/format.h>

namespace oc::base {
namespace {

// The processors this process may use, if all of them are in one group (a group has at most 64).
std::optional<GROUP_AFFINITY> single_group_affinity() {
  USHORT groups[64];
  USHORT count = static_cast<USHORT>(std::size(groups));
  GROUP_AFFINITY affinity{};
  DWORD_PTR mask = 0, all = 0;
  if (!::GetProcessGroupAffinity(::GetCurrentProcess(), &count, groups) || count != 1) return std::nullopt;
  if (!::GetProcessAffinityMask(::GetCurrentProcess(), &mask, &all) || mask == 0) return std::nullopt;
  affinity.Group = groups[0];
  affinity.Mask = mask;
  return affinity;
}

bool may_use(const PROCESSOR_RELATIONSHIP& core, const std::optional<GROUP_AFFINITY>& allowed) {
  if (!allowed) return true;
  return core.GroupMask[0].Group == allowed->Group && (core.GroupMask[0].Mask & allowed->Mask) != 0;
}

// Limits of the job (a container is one) this process runs in; nullopt without a job or a limit.
std::optional<ByteCount> job_memory_left(ByteCount& total) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION job{};
  if (!::QueryInformationJobObject(nullptr, JobObjectExtendedLimitInformation, &job, sizeof job, nullptr))
    return std::nullopt;
  if ((job.BasicLimitInformation.LimitFlags & JOB_OBJECT_LIMIT_JOB_MEMORY) == 0) return std::nullopt;
  const auto limit = static_cast<std::int64_t>(job.JobMemoryLimit);
  total = std::min(total, ByteCount(limit));
  return ByteCount(std::max<std::int64_t>(0, limit - static_cast<std::int64_t>(job.PeakJobMemoryUsed)));
}

}  // namespace

int physical_core_count() {
  DWORD size = 0;
  ::GetLogicalProcessorInformationEx(RelationProcessorCore, nullptr, &size);
  std::vector<std::byte> buffer(size);
  auto* first = reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data());
  if (size == 0 || !::GetLogicalProcessorInformationEx(RelationProcessorCore, first, &size)) return 1;
  const auto allowed = single_group_affinity();
  int cores = 0;
  for (std::size_t at = 0; at < size;) {
    const auto* entry = reinterpret_cast<const SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data() + at);
    if (entry->Relationship == RelationProcessorCore && may_use(entry->Processor, allowed)) ++cores;
    at += entry->Size;
  }
  return std::max(1, cores);
}

int logical_core_count() { return std::max(1, static_cast<int>(std::thread::hardware_concurrency())); }

bool can_drop_mapped_pages() { return true; }

// Pages of a file that leave the working set stay in the system's cache; "unlocking" what is not locked sends them
// there (documentation of VirtualUnlock). A view of the whole file is known by its size: the system's name for it
// depends on how it was opened. What is taken for one wrongly is read again, no more.
void drop_mapped_pages(const Path& file) {
  const auto facts = find_file_facts(file);
  if (!facts || !*facts || !(*facts)->is_regular) return;
  SYSTEM_INFO system{};
  ::GetSystemInfo(&system);
  const auto page = static_cast<std::size_t>(system.dwPageSize);
  const std::size_t wanted = (static_cast<std::size_t>((*facts)->size.value) + page - 1) / page * page;
  MEMORY_BASIC_INFORMATION block{};
  for (const char* at = nullptr; ::VirtualQuery(at, &block, sizeof block) == sizeof block;
       at = static_cast<const char*>(block.BaseAddress) + block.RegionSize)
    if (block.Type == MEM_MAPPED && block.State == MEM_COMMIT && block.Protect == PAGE_READONLY &&
        block.RegionSize == wanted)
      ::VirtualUnlock(block.BaseAddress, block.RegionSize);
}

bool is_on_battery() {
  SYSTEM_POWER_STATUS status{};
  return ::GetSystemPowerStatus(&status) && status.ACLineStatus == 0;
}

MemoryFacts memory_facts() {
  MEMORYSTATUSEX status{};
  status.dwLength = sizeof status;
  MemoryFacts facts;
  if (!::GlobalMemoryStatusEx(&status)) return facts;
  facts.total = ByteCount(static_cast<std::int64_t>(status.ullTotalPhys));
  facts.available = ByteCount(static_cast<std::int64_t>(status.ullAvailPhys));
  if (const auto left = job_memory_left(facts.total)) facts.available = std::min(facts.available, *left);
  return facts;
}

ByteCount resident_memory() {
  PROCESS_MEMORY_COUNTERS counters{};
  counters.cb = sizeof counters;
  if (!::K32GetProcessMemoryInfo(::GetCurrentProcess(), &counters, sizeof counters)) return ByteCount(0);
  return ByteCount(static_cast<std::int64_t>(counters.WorkingSetSize));
}

std::string system_description() {
  // GetVersionEx answers with an old version to programs whose manifest does not name the new one; this does not.
  using RtlGetVersion = LONG(WINAPI*)(OSVERSIONINFOW*);
  OSVERSIONINFOW version{};
  version.dwOSVersionInfoSize = sizeof version;
  const FARPROC found = ::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "RtlGetVersion");
  if (const auto get = reinterpret_cast<RtlGetVersion>(reinterpret_cast<void*>(found))) get(&version);
  SYSTEM_INFO info{};
  ::GetNativeSystemInfo(&info);
  const bool is_arm = info.wProcessorArchitecture == PROCESSOR_ARCHITECTURE_ARM64;
  return fmt::format("Windows {}.{}.{} {}", version.dwMajorVersion, version.dwMinorVersion, version.dwBuildNumber,
                     is_arm ? "arm64" : "x86_64");
}

}  // namespace oc::base
