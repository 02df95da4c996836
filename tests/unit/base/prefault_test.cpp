// SPDX-License-Identifier: Apache-2.0
#include "base/prefault.hpp"

#include <gtest/gtest.h>
#ifdef __linux__
#include <sys/mman.h>
#endif

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <thread>
#include <vector>

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
constexpr std::size_t k_page = 4096;

// Not those at its ends, which others may share.
char* first_page(const Block& block) {
  return block.get() + (k_page - reinterpret_cast<std::uintptr_t>(block.get()) % k_page);
}
constexpr std::size_t k_pages = k_block / k_page - 2;

bool can_populate() {
  constexpr int k_populate_write = 23;  // MADV_POPULATE_WRITE
  const Block block = new_block();
  return ::madvise(first_page(block), k_page, k_populate_write) == 0;
}

std::size_t pages_of(const Block& block) {
  std::vector<unsigned char> resident(k_pages);
  if (::mincore(first_page(block), k_pages * k_page, resident.data()) != 0) return 0;
  return static_cast<std::size_t>(std::ranges::count_if(resident, [](unsigned char page) { return (page & 1) != 0; }));
}

TEST(Prefault, GivesNewBlocksTheirPagesAndOldOnesNone) {
  if (!can_populate()) GTEST_SKIP() << "this kernel cannot (Linux 5.14 can)";
  const auto old = new_block();
  Prefault prefault;
  const auto block = new_block();
  EXPECT_EQ(pages_of(block), 0u);
  prefault.reach(0);
  for (int i = 0; i < 1000 && pages_of(block) < k_pages; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(pages_of(block), k_pages);
  EXPECT_EQ(pages_of(old), 0u);
  EXPECT_EQ(block[0], '\0') << "what nobody has written is zero";
  EXPECT_EQ(block[k_block - 1], '\0');
}

TEST(Prefault, IsOnlySoFarAhead) {
  if (!can_populate()) GTEST_SKIP() << "this kernel cannot (Linux 5.14 can)";
  Prefault prefault;
  const Block blocks[] = {new_block(), new_block(), new_block()};
  const auto pages = [&] { return pages_of(blocks[0]) + pages_of(blocks[1]) + pages_of(blocks[2]); };
  const auto wait_for = [&](std::size_t wanted) {
    for (int i = 0; i < 1000 && pages() < wanted; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  };
  constexpr std::size_t k_ahead = (std::size_t{256} << 20) / k_page, k_of_a_piece = (std::size_t{8} << 20) / k_page;
  prefault.reach(0);
  wait_for(k_ahead - k_of_a_piece);
  EXPECT_GE(pages(), k_ahead - k_of_a_piece);
  EXPECT_LE(pages(), k_ahead + k_of_a_piece);
  prefault.reach(1);
  wait_for(3 * k_pages);
  EXPECT_EQ(pages(), 3 * k_pages);
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
