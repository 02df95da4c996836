// SPDX-License-Identifier: Apache-2.0
#include "inference/probed_models.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "protocol/codec.hpp"
#include "unit/context/temporary_folder.hpp"

namespace oc::tests {
namespace {

// Nothing can be probed with it: what is known was kept.
constexpr const char* k_no_program = "no/such/program";
constexpr const char* k_identity = "size and time\n";

class ProbedModelsTest : public testing::Test {
 protected:
  base::Result<protocol::ModelFacts> facts(const char* program, const std::string& identity = k_identity) const {
    inference::ProbedModels models(program, folder_.path() / "probed");
    return models.facts(k_starter, identity, {});
  }
  base::Path stored_file() const { return std::filesystem::directory_iterator(folder_.path() / "probed")->path(); }

  context::TemporaryFolder folder_;
};

TEST_F(ProbedModelsTest, IsOpenedOnceByAProcessOfItsOwn) {
  const auto first = facts(OC_ENGINE_PROGRAM);
  ASSERT_TRUE(first) << first.error().message;
  const auto again = facts(k_no_program);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(protocol::encode_facts(*again), protocol::encode_facts(*first));
  EXPECT_GT(again->weight_bytes, 0);
}

TEST_F(ProbedModelsTest, AnotherFileOfThatNameIsOpenedAgain) {
  ASSERT_TRUE(facts(OC_ENGINE_PROGRAM));
  EXPECT_FALSE(facts(k_no_program, "another time\n"));
}

TEST_F(ProbedModelsTest, NoDamagedFileIsBelieved) {
  ASSERT_TRUE(facts(OC_ENGINE_PROGRAM));
  const auto whole = base::read_file(stored_file(), base::ByteCount(1 << 20));
  ASSERT_TRUE(whole);
  for (std::size_t i = 0; i < whole->size(); i += 7) {
    std::string damaged = *whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    ASSERT_TRUE(base::replace_file(stored_file(), damaged, base::FileAccess::owner_only));
    EXPECT_FALSE(facts(k_no_program)) << "byte " << i;
    ASSERT_TRUE(base::replace_file(stored_file(), whole->substr(0, i), base::FileAccess::owner_only));
    EXPECT_FALSE(facts(k_no_program)) << "cut at " << i;
  }
  ASSERT_TRUE(facts(OC_ENGINE_PROGRAM)) << "it is asked for again";
  EXPECT_TRUE(facts(k_no_program)) << "and kept";
}

TEST_F(ProbedModelsTest, AFolderThatCannotBeMadeCostsNothingButTime) {
  ASSERT_TRUE(base::replace_file(folder_.path() / "probed", "a file", base::FileAccess::owner_only));
  EXPECT_TRUE(facts(OC_ENGINE_PROGRAM));
}

}  // namespace
}  // namespace oc::tests
