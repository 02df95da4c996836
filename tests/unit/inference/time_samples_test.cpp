// SPDX-License-Identifier: Apache-2.0
#include "inference/time_samples.hpp"

#include <gtest/gtest.h>

#include "inference/perseverance.hpp"

namespace oc::inference {
namespace {

TimeSamples samples(std::initializer_list<double> times) {
  TimeSamples made;
  for (const double ms : times) made.add(ms);
  return made;
}

TEST(TimeSamples, FasterIsWhatIsFasterWhateverNoiseThereWas) {
  EXPECT_TRUE(samples({80, 90}).is_clearly_faster_than(samples({100, 130}), 0.05));
  EXPECT_FALSE(samples({80, 99}).is_clearly_faster_than(samples({100, 130}), 0.05)) << "one of them says otherwise";
  EXPECT_FALSE(samples({96, 97}).is_clearly_faster_than(samples({100, 101}), 0.05)) << "not worth a change";
  EXPECT_FALSE(samples({100, 100}).is_clearly_faster_than(samples({100, 100}), 0.0));
}

TEST(TimeSamples, WhatWasNotMeasuredIsNotChosen) {
  EXPECT_FALSE(samples({}).is_clearly_faster_than(samples({100}), 0.05));
  EXPECT_FALSE(samples({1}).is_clearly_faster_than(samples({}), 0.05));
  EXPECT_FALSE(samples({}).is_no_slower_than(samples({100}), 0.02));
  EXPECT_EQ(samples({}).best(), 0);
}

TEST(TimeSamples, NoSlowerWithinTheLossThatIsBearable) {
  EXPECT_TRUE(samples({101, 150}).is_no_slower_than(samples({100, 200}), 0.02));
  EXPECT_FALSE(samples({103}).is_no_slower_than(samples({100}), 0.02));
}

TEST(Perseverance, AShortCallIsSoonLetEnd) {
  using protocol::Priority;
  EXPECT_FALSE(must_end(Priority::interactive, k_interruptions_of_short_call - 1, k_short_call_ms));
  EXPECT_TRUE(must_end(Priority::interactive, k_interruptions_of_short_call, k_short_call_ms));
  EXPECT_TRUE(must_end(Priority::batch, k_interruptions_of_short_call, 1));
}

TEST(Perseverance, ALongOneDelaysFewerThanOneInTwenty) {
  using protocol::Priority;
  for (const double ms : {k_short_call_ms + 1, 60'000.0, 0.0}) {  // 0: nobody knows
    EXPECT_FALSE(must_end(Priority::interactive, 19, ms)) << ms;
    EXPECT_TRUE(must_end(Priority::interactive, 20, ms)) << ms;
  }
}

TEST(Perseverance, WhatNobodyWaitsForGivesWayForEver) {
  EXPECT_FALSE(must_end(protocol::Priority::idle, 1'000'000, 1));
}

}  // namespace
}  // namespace oc::inference
