// SPDX-License-Identifier: Apache-2.0
#include "sandbox/environment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace oc::sandbox {
namespace {

using ::testing::ElementsAre;

TEST(AllowedEnvironment, IsAListOfNames) {
  const std::vector<Variable> all{{"PATH", "/bin"},        {"LC_ALL", "C"},         {"CMAKE_GENERATOR", "Ninja"},
                                  {"GITHUB_TOKEN", "x"},   {"AWS_SECRET_KEY", "x"}, {"LD_PRELOAD", "/tmp/x.so"},
                                  {"SSH_AUTH_SOCK", "/x"}, {"PATHX", "x"},          {"OFFLINE_CODER_MODEL", "x"},
                                  {"TERM", "xterm"},       {"NO_COLOR", ""},        {"A=B", "x"}};
  EXPECT_THAT(allowed_environment(all, {}),
              ElementsAre("CMAKE_GENERATOR=Ninja", "LC_ALL=C", "NO_COLOR=1", "PATH=/bin", "TERM=dumb"));
}

TEST(AllowedEnvironment, TheUserMayAddNames) {
  const std::vector<Variable> all{{"MY_A", "1"}, {"MY_B", "2"}, {"OTHER", "3"}, {"OTHERS", "4"}};
  const std::vector<std::string> more{"MY_*", "OTHER", ""};
  EXPECT_THAT(allowed_environment(all, more), ElementsAre("MY_A=1", "MY_B=2", "NO_COLOR=1", "OTHER=3", "TERM=dumb"));
}

}  // namespace
}  // namespace oc::sandbox
