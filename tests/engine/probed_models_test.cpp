// SPDX-License-Identifier: Apache-2.0
#include "inference/probed_models.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "protocol/codec.hpp"
#include "unit/context/temporary_folder.hpp"

namespace oc::tests {
namespace {

class ProbedModelsTest : public testing::Test {
 protected:
  void SetUp() override {
    // The engine's program, which notes that it was started.
    program_ = folder_.write("program", fmt::format("#!/bin/sh\necho >> '{}'\nexec '{}' \"$@\"\n",
                                                    (folder_.path() / "starts").native(), OC_ENGINE_PROGRAM));
    std::filesystem::permissions(program_, std::filesystem::perms::owner_all);
  }
  // By an engine that was just started.
  base::Result<protocol::ModelFacts> facts(const base::Path& model = k_starter) const {
    inference::ProbedModels models(program_, folder_.path() / "probed");
    return models.facts(model, {});
  }
  std::size_t starts() const {
    const auto text = base::read_file(folder_.path() / "starts", base::ByteCount(1 << 20));
    return text ? static_cast<std::size_t>(std::ranges::count(*text, '\n')) : 0;
  }
  base::Path stored_file() const { return std::filesystem::directory_iterator(folder_.path() / "probed")->path(); }
  // No clock's tick ago.
  base::Path copy_of_starter() const {
    base::Path copy = folder_.path() / "model.gguf";
    std::filesystem::copy_file(k_starter, copy, std::filesystem::copy_options::overwrite_existing);
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return copy;
  }

  context::TemporaryFolder folder_;
  base::Path program_;
};

TEST_F(ProbedModelsTest, AModelIsOpenedOnceByAProcessOfItsOwn) {
  const auto first = facts();
  ASSERT_TRUE(first) << first.error().message;
  const auto again = facts();
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(starts(), 1u);
  EXPECT_EQ(protocol::encode_facts(*again), protocol::encode_facts(*first));
  EXPECT_GT(again->weight_bytes, 0);
}

TEST_F(ProbedModelsTest, AChangedFileIsOpenedAgainThoughItsSizeAndTimeAreTheSame) {
  const base::Path model = copy_of_starter();
  ASSERT_TRUE(facts(model));
  ASSERT_TRUE(facts(model));
  EXPECT_EQ(starts(), 1u);
  const auto time = std::filesystem::last_write_time(model);
  copy_of_starter();
  std::filesystem::last_write_time(model, time);
  ASSERT_TRUE(facts(model));
  EXPECT_EQ(starts(), 2u);
}

TEST_F(ProbedModelsTest, ANewProgramLooksForItself) {
  ASSERT_TRUE(facts());
  std::filesystem::last_write_time(program_, std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  ASSERT_TRUE(facts());
  EXPECT_EQ(starts(), 2u);
}

TEST_F(ProbedModelsTest, WhatFailsIsNotKept) {
  const base::Path model = folder_.write("model.gguf", "GGUF and no more");
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_FALSE(facts(model));
  EXPECT_FALSE(facts(model));
  EXPECT_EQ(starts(), 2u);
}

TEST_F(ProbedModelsTest, NoDamagedFileIsBelieved) {
  ASSERT_TRUE(facts());
  const auto whole = base::read_file(stored_file(), base::ByteCount(1 << 20));
  ASSERT_TRUE(whole);
  std::size_t wanted = 1;
  for (std::size_t i = 0; i < whole->size(); i += 61) {
    std::string damaged = *whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    for (const std::string& bytes : {damaged, whole->substr(0, i)}) {
      folder_.write("probed/" + stored_file().filename().native(), bytes);
      EXPECT_TRUE(facts());
      EXPECT_EQ(starts(), ++wanted) << "byte " << i;
    }
  }
  EXPECT_TRUE(facts());
  EXPECT_EQ(starts(), wanted) << "it was kept again";
}

TEST_F(ProbedModelsTest, FactsOfAnotherModelAreNotBelieved) {
  ASSERT_TRUE(facts());
  const base::Path of_starter = stored_file();
  const base::Path model = copy_of_starter();
  ASSERT_TRUE(facts(model));
  for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "probed"))
    if (entry.path() != of_starter)
      std::filesystem::copy_file(of_starter, entry.path(), std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(facts(model)->path, model.native());
  EXPECT_EQ(starts(), 3u);
}

TEST_F(ProbedModelsTest, AFolderThatCannotBeMadeCostsNothingButTime) {
  folder_.write("probed", "a file");
  EXPECT_TRUE(facts());
  EXPECT_TRUE(facts());
  EXPECT_EQ(starts(), 2u);
}

}  // namespace
}  // namespace oc::tests
