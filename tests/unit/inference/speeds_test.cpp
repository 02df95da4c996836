// SPDX-License-Identifier: Apache-2.0
#include "inference/speeds.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace oc::inference {
namespace {

TEST(PrefillTimes, ForecastWhatWasSeenAtThatDepthOrNearIt) {
  const StepTimes unknown;
  PrefillTimes times;
  EXPECT_FALSE(times.is_known());
  EXPECT_EQ(times.ms(256, 0, unknown), 0);
  times.observe(256, 0, 2560);
  EXPECT_DOUBLE_EQ(times.ms(100, 0, unknown), 1000);
  EXPECT_DOUBLE_EQ(times.ms(100, 20'000, unknown), 1000) << "the nearest depth that was seen";
  times.observe(256, 4096, 5120);
  EXPECT_DOUBLE_EQ(times.ms(100, 5000, unknown), 2000);
  EXPECT_DOUBLE_EQ(times.ms(100, 500, unknown), 1000);
}

TEST(PrefillTimes, ShortPartsCostWhatTheirCallCosts) {
  StepTimes steps;
  for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i) steps.set(i, 100 + StepTimes::k_rows[i]);
  PrefillTimes times;
  times.observe(256, 0, 2560);
  EXPECT_DOUBLE_EQ(times.ms(1, 0, steps), 101);
  EXPECT_DOUBLE_EQ(times.ms(200, 0, steps), 2000);
  times.observe(20, 0, 99'999);
  EXPECT_DOUBLE_EQ(times.ms(200, 0, steps), 2000) << "short parts teach nothing";
}

class SpeedsFile : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(file_.parent_path()); }
  void write(const std::string& text) const {
    std::filesystem::create_directories(file_.parent_path());
    std::ofstream(file_, std::ios::binary) << text;
  }
  std::string read() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  base::Path file_ = speeds_file(base::Path(testing::TempDir()) / "oc-speeds-test", "some identity");
};

TEST_F(SpeedsFile, RoundTrip) {
  Speeds speeds;
  for (std::size_t i = 0; i < StepTimes::k_rows.size(); ++i) speeds.steps.set(i, 1.5 * StepTimes::k_rows[i]);
  speeds.prefill.observe(256, 3000, 1000);
  speeds.load_ms = 1234;
  speeds.is_calibrated = speeds.repack = true;
  speeds.rounds = 2;
  speeds.prefill_threads = 4;
  speeds.decode_threads = 8;
  speeds.step_tokens = 256;
  speeds.attention = llama::Attention::plain;
  ASSERT_TRUE(store_speeds(file_, speeds));
  const Speeds again = load_speeds(file_);
  EXPECT_EQ(again.prefill.all(), speeds.prefill.all());
  EXPECT_DOUBLE_EQ(again.steps.ms(32), 48);
  EXPECT_EQ(again.load_ms, 1234);
  EXPECT_TRUE(again.is_calibrated && again.repack);
  EXPECT_EQ(again.rounds, 2);
  EXPECT_EQ(again.prefill_threads, 4);
  EXPECT_EQ(again.decode_threads, 8);
  EXPECT_EQ(again.step_tokens, 256);
  EXPECT_EQ(again.attention, llama::Attention::plain);
}

TEST_F(SpeedsFile, WhatMakesNoSenseIsAsIfItWereNotThere) {
  EXPECT_FALSE(load_speeds(file_).is_calibrated);
  Speeds calibrated;
  calibrated.is_calibrated = true;
  ASSERT_TRUE(store_speeds(file_, calibrated));
  const std::string good = read();
  EXPECT_TRUE(load_speeds(file_).is_calibrated);
  std::mt19937 random(5);
  for (int round = 0; round < 150; ++round) {
    std::string bad = good;
    for (auto n = 1 + random() % 4; n > 0; --n) bad[random() % bad.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    write(bad);
    const Speeds speeds = load_speeds(file_);
    EXPECT_GE(speeds.load_ms, 0);
    EXPECT_LE(speeds.prefill_threads, 1024);
    EXPECT_TRUE(std::ranges::find(Speeds::k_step_tokens, speeds.step_tokens) != Speeds::k_step_tokens.end());
    for (const double ms : speeds.steps.all()) EXPECT_TRUE(ms >= 0 && ms < 1e8);
  }
  const std::string older = std::string(good).replace(good.find("\"version\": 2"), 12, "\"version\": 1");
  for (const std::string text : {"", "[]", "{}", "{\"version\":2}", "{\"version\":\"1\"}", "nonsense", older.c_str()}) {
    write(text);
    EXPECT_FALSE(load_speeds(file_).is_calibrated) << text;
  }
}

}  // namespace
}  // namespace oc::inference
