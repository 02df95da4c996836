// SPDX-License-Identifier: Apache-2.0
#include "base/system.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/terminal.hpp"

namespace oc::base {
namespace {

TEST(System, CoresAreAtLeastOneAndNoMoreThanThreads) {
  const int cores = physical_core_count();
  EXPECT_GE(cores, 1);
  const unsigned threads = std::thread::hardware_concurrency();  // 0: unknown
  EXPECT_TRUE(threads == 0 || cores <= static_cast<int>(threads)) << cores << " of " << threads;
}

TEST(System, MemoryIsPlausible) {
  const MemoryFacts facts = memory_facts();
  EXPECT_GT(facts.total, ByteCount(64 << 20));
  EXPECT_GT(facts.available, ByteCount(0));
  EXPECT_LE(facts.available, facts.total);
  EXPECT_GT(resident_memory(), ByteCount(100'000));
  EXPECT_LT(resident_memory(), facts.total);
}

TEST(System, ResidentMemoryGrowsWithUse) {
  const ByteCount before = resident_memory();
  std::string used(64 << 20, '\0');
  for (std::size_t i = 0; i < used.size(); i += 4096) used[i] = 'x';
  EXPECT_GT(resident_memory(), before + ByteCount(32 << 20));
  EXPECT_EQ(used[4096], 'x');
}

TEST(System, DroppingPagesOfWhatIsNotMappedDoesNothing) {
  drop_mapped_pages("no/such/file");
  drop_mapped_pages(".");
}

TEST(System, DescriptionNamesTheSystem) {
#ifdef _WIN32
  EXPECT_TRUE(system_description().starts_with("Windows 1")) << system_description();
#else
  EXPECT_FALSE(system_description().empty());
#endif
}

TEST(Terminal, WidthIsAlwaysANumberToDivideBy) { EXPECT_GE(terminal_width(), 1u); }

}  // namespace
}  // namespace oc::base
