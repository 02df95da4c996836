// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

#ifdef __linux__
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace oc::base {
namespace {

// MADV_POPULATE_WRITE, which the headers of older systems lack; their kernels refuse it.
constexpr int k_populate_write = 23;
constexpr std::uintptr_t k_least_block = std::uintptr_t{64} << 20;
// Whoever waits for the end waits for one of these, some milliseconds.
constexpr std::uintptr_t k_piece = std::uintptr_t{4} << 20;

struct Range {
  std::uintptr_t begin = 0, end = 0;
};

// Private memory of no file that can be written to, in order of addresses. A line of the map is "BEGIN-END rights
// offset device inode   NAME".
std::vector<Range> private_memory() {
  std::vector<Range> ranges;
  std::ifstream in("/proc/self/maps");
  for (std::string line; std::getline(in, line);) {
    Range range;
    std::uint64_t inode = 1;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " rw-p %*s %*s %" SCNu64, &range.begin, &range.end,
                    &inode) == 3 &&
        inode == 0)
      ranges.push_back(range);
  }
  return ranges;
}

// What of `now` is not in `before`: the system joins neighbours.
std::vector<Range> difference(const std::vector<Range>& now, const std::vector<Range>& before) {
  std::vector<Range> fresh;
  auto old = before.begin();
  for (Range rest : now) {
    while (old != before.end() && old->end <= rest.begin) ++old;
    for (auto known = old; known != before.end() && known->begin < rest.end; ++known) {
      if (known->begin > rest.begin) fresh.push_back({rest.begin, known->begin});
      rest.begin = std::min(known->end, rest.end);
    }
    if (rest.begin < rest.end) fresh.push_back(rest);
  }
  return fresh;
}

}  // namespace

struct Prefault::Work {
  std::vector<Range> before = private_memory();
  std::atomic<bool> stop = false;
  std::thread thread;
};

Prefault::Prefault() : work_(std::make_unique<Work>()) {}

Prefault::~Prefault() {
  work_->stop = true;
  if (work_->thread.joinable()) work_->thread.join();
}

void Prefault::begin() {
  if (work_->thread.joinable()) return;
  std::vector<Range> blocks = difference(private_memory(), work_->before);
  std::erase_if(blocks, [](const Range& block) { return block.end - block.begin < k_least_block; });
  work_->thread = std::thread([blocks = std::move(blocks), &stop = work_->stop] {
    for (const Range& block : blocks)
      for (std::uintptr_t at = block.begin; at < block.end && !stop; at += k_piece)
        // No memory, no such call, or the block is gone: what is left is faulted in as usual.
        if (::madvise(reinterpret_cast<void*>(at),
                      std::min(k_piece, block.end - at),  // NOLINT(performance-no-int-to-ptr)
                      k_populate_write) != 0)
          return;
  });
}

}  // namespace oc::base
#else
namespace oc::base {

struct Prefault::Work {};

Prefault::Prefault() = default;
Prefault::~Prefault() = default;
void Prefault::begin() {}

}  // namespace oc::base
#endif
