// SPDX-License-Identifier: Apache-2.0
#include "base/cgroup.hpp"

#include <gtest/gtest.h>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

class Cgroup : public ::testing::Test {
 protected:
  void write(const char* name, const char* text) const { ASSERT_TRUE(replace_file(folder_ / name, text)); }
  testing::ScratchFolder folder_;
};

TEST_F(Cgroup, WithoutOneNothingIsLimited) {
  EXPECT_FALSE(cgroup_memory(folder_ / "none"));
  EXPECT_FALSE(cgroup_cpu_limit(folder_ / "none"));
  write("memory.max", "max\n");
  write("cpu.max", "max 100000\n");
  EXPECT_FALSE(cgroup_memory(folder_ / "."));
  EXPECT_FALSE(cgroup_cpu_limit(folder_ / "."));
}

// A model that was read once would otherwise have used up what it needs the second time.
TEST_F(Cgroup, PagesOfFilesAreAvailable) {
  write("memory.max", "8000000000\n");
  write("memory.current", "5300000000\n");
  EXPECT_EQ(cgroup_memory(folder_ / ".")->available, ByteCount(2'700'000'000));
  write("memory.stat",
        "anon 500000000\nfile 4800000000\nshmem 100000000\ninactive_file 4000000000\nactive_file 700000000\n");
  const auto memory = cgroup_memory(folder_ / ".");
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->limit, ByteCount(8'000'000'000));
  EXPECT_EQ(memory->available, ByteCount(7'400'000'000));
}

TEST_F(Cgroup, NeverMoreThanTheLimitAndNeverLessThanNothing) {
  write("memory.max", "1000\n");
  write("memory.current", "3000\n");
  EXPECT_EQ(cgroup_memory(folder_ / ".")->available, ByteCount(0));
  write("memory.stat", "inactive_file 9000\n");
  EXPECT_EQ(cgroup_memory(folder_ / ".")->available, ByteCount(1000));
}

TEST_F(Cgroup, APartOfAProcessorIsOne) {
  write("cpu.max", "250000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(folder_ / "."), 3);
  write("cpu.max", "50000 100000\n");
  EXPECT_EQ(cgroup_cpu_limit(folder_ / "."), 1);
}

}  // namespace
}  // namespace oc::base
