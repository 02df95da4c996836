// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

#include <gtest/gtest.h>

#include <chrono>
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
  prefault.begin();
  if (!grows_by_a_block(before)) GTEST_SKIP() << "this kernel cannot (Linux 5.14 can)";
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LT(resident_memory(), before + ByteCount(k_block * 3 / 2)) << "the old block stays untouched";
  EXPECT_EQ(block[0], '\0') << "what nobody has written is zero";
  EXPECT_EQ(block[k_block - 1], '\0');
}
#endif

TEST(Prefault, LeavesWhatIsWrittenMeanwhileAsItIs) {
  Prefault prefault;
  const auto block = new_block();
  prefault.begin();
  for (std::size_t i = 0; i < k_block; i += 512) block[i] = 'x';
  for (std::size_t i = 0; i < k_block; i += 512) ASSERT_EQ(block[i], 'x');
}

TEST(Prefault, MayOutliveTheBlockOrNeverBegin) {
  { const Prefault never; }
  Prefault prefault;
  auto block = new_block();
  prefault.begin();
  prefault.begin();
  block.reset();
}

}  // namespace
}  // namespace oc::base
