// SPDX-License-Identifier: Apache-2.0
#include "base/power_supply.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace oc::base {
namespace {

std::string first_line(const Path& file) {
  std::ifstream in(file);
  std::string line;
  std::getline(in, line);
  return line;
}

}  // namespace

// A mouse has a battery, too: its scope is "Device". Chargers are "Mains", or "USB" where they fit other devices.
bool is_discharging(const Path& folder) {
  std::error_code failed;
  bool is_plugged_in = false, is_battery_used = false;
  for (const auto& supply : std::filesystem::directory_iterator(folder, failed)) {
    const std::string type = first_line(supply.path() / "type");
    if (first_line(supply.path() / "scope") == "Device") continue;
    if ((type == "Mains" || type == "USB") && first_line(supply.path() / "online") == "1") is_plugged_in = true;
    if (type == "Battery" && first_line(supply.path() / "status") == "Discharging") is_battery_used = true;
  }
  return is_battery_used && !is_plugged_in;
}

}  // namespace oc::base
