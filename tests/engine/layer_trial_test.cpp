// SPDX-License-Identifier: Apache-2.0
// One layer's matrices tell how much faster the CPU's own layout is.
#include <gtest/gtest.h>

#include <fstream>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "llama/layer_trial.hpp"

namespace oc::tests {
namespace {

using llama::LayerTrial;
using protocol::WeightLayout;

constexpr auto k_nobody_waits = [] { return false; };

class SharedLayerTrial : public testing::Test {
 protected:
  void SetUp() override { load_model(k_tiny); }  // starts the runtime
};

TEST_F(SharedLayerTrial, MeasuresBothLayoutsOfARealShape) {
  auto trial = LayerTrial::create(k_tiny);
  ASSERT_TRUE(trial) << trial.error().message;
  if (!*trial) GTEST_SKIP() << "this CPU has no layout of its own for these weights";
  for (const WeightLayout layout : {WeightLayout::mapped, WeightLayout::repacked}) {
    const double one =
        std::min({*(*trial)->time(layout, 1, 1, k_nobody_waits), *(*trial)->time(layout, 1, 1, k_nobody_waits),
                  *(*trial)->time(layout, 1, 1, k_nobody_waits)});
    EXPECT_GT(one, 0);
    EXPECT_GT(*(*trial)->time(layout, 64, 1, k_nobody_waits), one) << "it is 64 times as much work";
    EXPECT_EQ(*(*trial)->time(layout, 64, 1, [] { return true; }), 0) << "stopped";
    EXPECT_GT(*(*trial)->time(layout, 1, 1, k_nobody_waits), 0) << "and goes on";
  }
}

TEST_F(SharedLayerTrial, AFileThatIsNoModelOrCutOffIsAnError) {
  const base::Path path = base::Path(testing::TempDir()) / "oc-layer-trial.gguf";
  std::ofstream(path, std::ios::binary) << "GGUF and nothing else";
  EXPECT_FALSE(LayerTrial::create(path));
  const std::string bytes = *base::read_file(k_tiny, base::ByteCount(std::int64_t{1} << 30));
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size() / 3));
  EXPECT_FALSE(LayerTrial::create(path)) << "the layers are not all there";
  EXPECT_FALSE(LayerTrial::create(path.parent_path() / "there-is-no-such-file.gguf"));
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace oc::tests
