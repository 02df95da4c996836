// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/path.hpp"
#include "llama/runtime.hpp"

// 125 tells ctest that nothing ran: a green line would claim what was not tested.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  oc::llama::start_runtime(oc::base::path_from_utf8(OC_BACKENDS_FOLDER));
  const int code = RUN_ALL_TESTS();
  const auto& all = *testing::UnitTest::GetInstance();
  return code == 0 && all.successful_test_count() == 0 ? 125 : code;
}
