// SPDX-License-Identifier: Apache-2.0
#include "inference/model_identity.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "base/files.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::inference {
namespace {

const Computer k_computer{"0.7", "AVX2"};

TEST(ModelIdentity, IsOfTheFileAndOfWhatComputes) {
  const base::testing::ScratchFolder folder;
  const base::Path path = folder / "model.gguf";
  std::string bytes(3'000'000, 'w');
  ASSERT_TRUE(base::replace_file(path, bytes));
  const auto time = std::filesystem::last_write_time(path);
  const auto identity = [&](const Computer& computer = k_computer) { return *model_identity(path, computer); };
  const std::string known = identity();
  EXPECT_EQ(identity(), known);
  EXPECT_NE(identity({"0.8", "AVX2"}), known);
  EXPECT_NE(identity({"0.7", "AVX512"}), known);

  const auto with = [&](std::size_t begin, std::size_t count) {
    std::string changed = bytes;
    changed.replace(begin, count, count, 'x');
    EXPECT_TRUE(base::replace_file(path, changed));
    std::filesystem::last_write_time(path, time);
    return identity();
  };
  EXPECT_EQ(with(0, 0), known);
  EXPECT_NE(with(100, 1), known) << "what it is called";
  EXPECT_NE(with(1'500'000, 1'000'000), known) << "other weights, size and time as before";
  EXPECT_NE(with(bytes.size() - 1, 1), known);

  EXPECT_EQ(with(0, 0), known);
  std::filesystem::last_write_time(path, time + std::chrono::seconds(1));
  EXPECT_NE(identity(), known);
  ASSERT_TRUE(base::replace_file(path, bytes + "w"));
  std::filesystem::last_write_time(path, time);
  EXPECT_NE(identity(), known);
}

TEST(ModelIdentity, OfAFileThatIsGoneThereIsNone) {
  const base::testing::ScratchFolder folder;
  EXPECT_FALSE(model_identity(folder / "gone.gguf", k_computer));
}

}  // namespace
}  // namespace oc::inference
