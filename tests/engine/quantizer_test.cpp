// SPDX-License-Identifier: Apache-2.0
// Copies of the starter model in one type of weights, and how fast it runs.
#include "llama/quantizer.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "llama/speed.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::llama {
namespace {

using ::testing::HasSubstr;

TEST(QuantizeLog, IsReadWhereItCountsTensors) {
  EXPECT_EQ(parse_quantize_log("[   1/ 290] token_embd.weight - [1536, 8192], type = q8_0, "), (JobProgress{1, 290}));
  EXPECT_EQ(parse_quantize_log("[290/290] x"), (JobProgress{290, 290}));
  for (const char* other :
       {"", "[", "[1", "[1/", "[1/2", "[ 3/ 2]", "[a/b]", "[-1/2]", "[99999999999/99999999999]", "size = 1"})
    EXPECT_FALSE(parse_quantize_log(other)) << other;
}

TEST(Median, IsTheMiddle) {
  EXPECT_EQ(median({}), 0);
  EXPECT_EQ(median({7}), 7);
  EXPECT_EQ(median({4, 1}), 2.5);
  EXPECT_EQ(median({5, 1, 9}), 5);
}

TEST(Quantizer, WritesACopyOfOneType) {
  const base::testing::ScratchFolder folder;
  for (const QuantType type : {QuantType::q4_k, QuantType::q4_0}) {
    const base::Path target = folder / std::string(protocol::to_string(type));
    std::vector<JobProgress> steps;
    const auto done = quantize({tests::k_starter, target, type, 1}, [&](JobProgress step) { steps.push_back(step); });
    ASSERT_TRUE(done) << done.error().message;
    ASSERT_FALSE(steps.empty());
    EXPECT_EQ(steps.back().done, steps.back().total);
    const protocol::ModelFacts facts = tests::load_model(target).facts(target);
    EXPECT_THAT(facts.quantization, testing::StartsWith(protocol::to_string(type)));
    EXPECT_EQ(facts.file_bytes, done->bytes);
    const double bits = static_cast<double>(facts.weight_bytes) * 8 / static_cast<double>(facts.parameters);
    EXPECT_NEAR(bits, 4.5, 0.1) << "a mixture has more";
    const auto speed = measure_speed({target, protocol::WeightLayout::repacked, 1});
    ASSERT_TRUE(speed) << speed.error().message;
    EXPECT_GT(speed->prefill_tokens_per_second, 0);
    EXPECT_GT(speed->decode_tokens_per_second, 0);
    EXPECT_GT(speed->steadiness, 0);
    EXPECT_LE(speed->steadiness, 1);
  }
}

template <class Number>
std::string bytes_of(Number number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// A GGUF of matrices of two rows, F32: name and columns.
std::string gguf_of(const std::vector<std::pair<std::string, std::uint64_t>>& matrices) {
  std::string head =
      "GGUF" + bytes_of(std::uint32_t{3}) + bytes_of(std::uint64_t{matrices.size()}) + bytes_of(std::uint64_t{0});
  std::uint64_t offset = 0;
  for (const auto& [name, columns] : matrices) {
    head += bytes_of(std::uint64_t{name.size()}) + name + bytes_of(std::uint32_t{2}) + bytes_of(columns) +
            bytes_of(std::uint64_t{2}) + bytes_of(std::uint32_t{0}) + bytes_of(offset);
    offset += columns * 2 * sizeof(float);
  }
  constexpr std::size_t k_alignment = 32;
  head.resize((head.size() + k_alignment - 1) / k_alignment * k_alignment);
  return head + std::string(offset, '\0');
}

// DeepSeek-Coder 1.3B has rows of 5504 weights: libllama would put another type there, and say nothing.
TEST(Quantizer, MakesNoMixture) {
  const base::testing::ScratchFolder folder;
  const base::Path source = folder / "odd.gguf";
  ASSERT_TRUE(base::replace_file(source, gguf_of({{"blk.0.ffn_up.weight", 256}, {"blk.0.ffn_down.weight", 688}})));
  const auto refused = quantize({source, folder / "out.gguf", QuantType::q4_k, 1}, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::model);
  EXPECT_THAT(refused.error().message,
              HasSubstr("cannot be made Q4_K: the rows of blk.0.ffn_down.weight have 688 weights"));
  EXPECT_FALSE(base::find_file_facts(folder / "out.gguf")->has_value());
}

TEST(Quantizer, SaysWhyNot) {
  const base::testing::ScratchFolder folder;
  const auto missing = quantize({folder / "gone.gguf", folder / "out", QuantType::q4_0, 1}, {});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("gone.gguf"));
  const auto no_place = quantize({tests::k_starter, base::Path(folder / "no") / "folder", QuantType::q4_0, 1}, {});
  ASSERT_FALSE(no_place);
  EXPECT_EQ(no_place.error().kind, base::ErrorKind::io);
  EXPECT_FALSE(measure_speed({folder / "gone.gguf", protocol::WeightLayout::mapped, 1}));
}

}  // namespace
}  // namespace oc::llama
