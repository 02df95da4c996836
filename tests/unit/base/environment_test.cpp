// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/user_folders.hpp"

namespace oc::base {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

void put(const char* name, const char* value) {
#ifdef _WIN32
  ::_putenv_s(name, value);
#else
  ::setenv(name, value, 1);
#endif
}

TEST(EnvironmentVariables, AreThoseThatBeginWithThePrefixSortedAndNotEmpty) {
  put("OC_ENVTEST_B", "2=3");
  put("OC_ENVTEST_A", "1");
  put("OC_ENVTEST_EMPTY", "");
  put("OC_ENV", "TEST_NOT_A_NAME");
  EXPECT_THAT(environment_variables("OC_ENVTEST_"),
              ElementsAre(Pair("OC_ENVTEST_A", "1"), Pair("OC_ENVTEST_B", "2=3")));
}

TEST(EnvironmentVariables, APrefixDoesNotReachIntoTheValue) {
  put("OC_ENVSHORT", "VALUE");
  EXPECT_TRUE(environment_variables("OC_ENVSHORT=V").empty());
}

}  // namespace
}  // namespace oc::base
