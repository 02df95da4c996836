// SPDX-License-Identifier: Apache-2.0
#include "base/power_supply.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::base {
namespace {

class PowerSupply : public ::testing::Test {
 protected:
  void add(const std::string& name, const std::string& type, const char* file, const char* text) const {
    const Path folder = folder_ / name;
    ASSERT_TRUE(make_folder(folder));
    ASSERT_TRUE(replace_file(folder / "type", type + "\n"));
    ASSERT_TRUE(replace_file(folder / file, text));
  }
  bool is_on_battery() const { return is_discharging(folder_ / "."); }
  testing::ScratchFolder folder_;
};

TEST_F(PowerSupply, WithoutABatteryThereIsNone) {
  EXPECT_FALSE(is_on_battery());
  EXPECT_FALSE(is_discharging(folder_ / "none"));
}

TEST_F(PowerSupply, ALaptopThatIsNotPluggedIn) {
  add("BAT0", "Battery", "status", "Discharging\n");
  add("AC", "Mains", "online", "0\n");
  EXPECT_TRUE(is_on_battery());
}

// An old battery may lose charge at the mains, too.
TEST_F(PowerSupply, AChargerOfAnyKind) {
  for (const char* type : {"Mains", "USB"}) {
    add("BAT0", "Battery", "status", "Discharging\n");
    add("charger", type, "online", "1\n");
    EXPECT_FALSE(is_on_battery()) << type;
  }
}

TEST_F(PowerSupply, AMouseIsNotTheMachine) {
  add("hidpp_battery_0", "Battery", "status", "Discharging\n");
  add("hidpp_battery_0", "Battery", "scope", "Device\n");
  EXPECT_FALSE(is_on_battery());
}

}  // namespace
}  // namespace oc::base
