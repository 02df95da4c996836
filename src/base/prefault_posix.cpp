// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

#ifdef __linux__
#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <exception>
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
// Farther ahead, the pages would be missed by others before they are of use.
constexpr std::uintptr_t k_ahead = std::uintptr_t{256} << 20;

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
  std::vector<Range> blocks;
  double bytes = 0;                         // of all blocks
  std::atomic<std::uintptr_t> allowed = 0;  // so many of them may have pages
  std::atomic<bool> stop = false;
  std::thread thread;

  // Pieces of the blocks, until there are no more, the system refuses (no memory, no such call, the block is gone), or
  // nobody wants any.
  void run() {
    std::uintptr_t given = 0;
    for (const Range& block : blocks)
      for (std::uintptr_t at = block.begin; at < block.end; at += k_piece, given += k_piece) {
        for (std::uintptr_t now = allowed; given >= now && !stop; now = allowed) allowed.wait(now);
        if (stop) return;
        auto* piece = reinterpret_cast<void*>(at);  // NOLINT(performance-no-int-to-ptr)
        if (::madvise(piece, std::min(k_piece, block.end - at), k_populate_write) != 0) return;
      }
  }

  void start() {
    blocks = difference(private_memory(), before);
    std::erase_if(blocks, [](const Range& block) { return block.end - block.begin < k_least_block; });
    for (const Range& block : blocks) bytes += static_cast<double>(block.end - block.begin);
    thread = std::thread([this] { run(); });
  }
};

Prefault::Prefault() : work_(std::make_unique<Work>()) {}

Prefault::~Prefault() {
  work_->stop = true;
  work_->allowed += k_ahead;  // what is waited for changes
  work_->allowed.notify_all();
  if (work_->thread.joinable()) work_->thread.join();
}

void Prefault::reach(double fraction) noexcept {
  if (work_->stop) return;
  try {
    if (!work_->thread.joinable()) work_->start();
  } catch (const std::exception&) {  // no thread, no memory
    work_->stop = true;
    return;
  }
  const std::uintptr_t wanted = static_cast<std::uintptr_t>(std::clamp(fraction, 0.0, 1.0) * work_->bytes) + k_ahead;
  if (wanted <= work_->allowed) return;
  work_->allowed = wanted;
  work_->allowed.notify_all();
}

}  // namespace oc::base
#else
namespace oc::base {

struct Prefault::Work {};

Prefault::Prefault() = default;
Prefault::~Prefault() = default;
void Prefault::reach(double) noexcept {}

}  // namespace oc::base
#endif
