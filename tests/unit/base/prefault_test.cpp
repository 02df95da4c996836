// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

#include <gtest/gtest.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>

#include "base/system.hpp"

namespace oc::base {
namespace {

constexpr std::size_t k_block = std::size_t{128} << 20;

struct Free {
  void operator()(char* block) const { std::free(block); }
};
using Block = std::unique_ptr<char[], Free>;

// Zeros that nobody has touched yet.
Block new_block() { return Block(static_cast<char*>(std::calloc(k_block, 1))); }

#ifdef __linux__
bool can_populate() {
  constexpr int k_populate_write = 23;  // MADV_POPULATE_WRITE
  const Block block = new_block();
  const auto page = reinterpret_cast<std::uintptr_t>(block.get() + k_block / 2) & ~std::uintptr_t{4095};
  return ::madvise(reinterpret_cast<void*>(page), 4096, k_populate_write) == 0;
}

bool grows_by_a_block(ByteCount before) {
  for (int i = 0; i < 200; ++i) {
    if (resident_memory() > before + ByteCount(k_block * 9 / 10)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(Prefault, GivesNewBlocksTheirPagesAndOldOnesNone) {
  const auto old = new_block();
  const ByteCount before = resident_memory();
  Prefault prefault;
  const auto block = new_block();
  prefault.reach(0);
  if (!can_populate()) GTEST_SKIP() << "this kernel cannot (Linux 5.14 can)";
  EXPECT_TRUE(grows_by_a_block(before));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LT(resident_memory(), before + ByteCount(k_block * 3 / 2)) << "the old block stays untouched";
  EXPECT_EQ(block[0], '\0') << "what nobody has written is zero";
  EXPECT_EQ(block[k_block - 1], '\0');
}
#endif

TEST(Prefault, LeavesWhatIsWrittenMeanwhileAsItIs) {
  Prefault prefault;
  const auto block = new_block();
  prefault.reach(0);
  for (std::size_t i = 0; i < k_block; i += 512) block[i] = 'x';
  for (std::size_t i = 0; i < k_block; i += 512) ASSERT_EQ(block[i], 'x');
}

TEST(Prefault, MayOutliveTheBlockOrNeverBegin) {
  { const Prefault never; }
  Prefault prefault;
  auto block = new_block();
  prefault.reach(0);
  prefault.reach(1);
  block.reset();
}

}  // namespace
}  // namespace oc::base
