// SPDX-License-Identifier: Apache-2.0
// GGUF files that are damaged or not what they seem: one clear error each, whatever libllama does to the child.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <iterator>

#include <fstream>
#include <random>

#include "base/text.hpp"
#include "engine/models.hpp"
#include "protocol/probe.hpp"

namespace oc::tests {
namespace {

class DamagedModel : public testing::Test {
 protected:
  void SetUp() override {
    std::ifstream in(k_starter, std::ios::binary);
    good_.assign(std::istreambuf_iterator<char>(in), {});
    ASSERT_GT(good_.size(), 1'000'000u);
  }
  void TearDown() override { std::filesystem::remove(path_); }
  base::Result<protocol::ModelFacts> probe(const std::string& bytes) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return protocol::probe_model(base::Path(OC_ENGINE_PROGRAM), path_, {});
  }
  std::string with(std::string from, const std::string& to) {
    EXPECT_EQ(from.size(), to.size());
    std::string bytes = good_;
    const std::size_t at = bytes.find(from);
    EXPECT_NE(at, std::string::npos);
    return bytes.replace(at, from.size(), to);
  }
  void expect_refused(const std::string& bytes, std::string_view reason) {
    const auto facts = probe(bytes);
    ASSERT_FALSE(facts);
    EXPECT_EQ(facts.error().kind, base::ErrorKind::model);
    EXPECT_NE(facts.error().message.find(reason), std::string::npos) << facts.error().message;
    EXPECT_EQ(facts.error().message.find('\n'), std::string::npos);
  }

  std::string good_;
  base::Path path_ =
      base::Path(testing::TempDir()) / fmt::format("damaged-{}.gguf", testing::UnitTest::GetInstance()->random_seed());
};

TEST_F(DamagedModel, TheWholeOneIsFine) {
  const auto facts = probe(good_);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_EQ(facts->architecture, "qwen2");
  EXPECT_EQ(facts->quantization, "Q8_0");
  EXPECT_EQ(facts->chat_format, "chatml");
  EXPECT_EQ(facts->context_trained, 2048);
  EXPECT_EQ(facts->vocabulary, 8192);
  EXPECT_EQ(facts->variant, "instruct");
  EXPECT_TRUE(facts->infill);
  EXPECT_EQ(facts->file_bytes, static_cast<std::int64_t>(good_.size()));
}

TEST_F(DamagedModel, OnesThatAreNone) {
  expect_refused("", "the file is empty");
  expect_refused("just a text\n", "does not begin with 'GGUF'");
  expect_refused("GGU", "does not begin with 'GGUF'");
  expect_refused("GGUF", "cannot load");
  const auto missing = protocol::probe_model(base::Path(OC_ENGINE_PROGRAM), "/no/such/file.gguf", {});
  EXPECT_NE(missing.error().message.find("no such file"), std::string::npos);
}

TEST_F(DamagedModel, TruncatedAnywhere) {
  for (const std::size_t size : {100ul, 5'000ul, 200'000ul, good_.size() / 2, good_.size() - 1000})
    expect_refused(good_.substr(0, size), "");
}

TEST_F(DamagedModel, WithoutAVocabulary) { expect_refused(with("tokenizer.ggml.model", "tokenizer.ggml.nodel"), ""); }

// Their state cannot be cut, so that every wrong guess would stay in it.
TEST_F(DamagedModel, OneWithoutAKvCacheIsRefused) {
  std::string bytes = good_;
  const std::string to = "mamba";
  bytes.replace(bytes.find("qwen2"), to.size(), to);
  for (std::size_t at = 0; (at = bytes.find("qwen2.", at)) < 10'000; ++at) bytes.replace(at, to.size(), to);
  std::ofstream(path_, std::ios::binary) << bytes;
  const std::atomic<bool> never{false};
  const auto model = llama::Model::load(path_, llama::LoadScope::vocabulary, [](double) {}, never);
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, base::ErrorKind::model);
  EXPECT_NE(model.error().message.find("keeps a state instead of a KV cache"), std::string::npos)
      << model.error().message;
}

TEST_F(DamagedModel, WithoutInfillTokens) {
  const auto facts = probe(with("<|fim_prefix|>", "<|xim_prefix|>"));
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_FALSE(facts->infill);
}

TEST_F(DamagedModel, ADuplicateTokenDoesNotTakeThisProcessWithIt) {
  const auto facts = probe(with("<|fim_suffix|>", "<|fim_prefix|>"));
  EXPECT_TRUE(facts || facts.error().kind == base::ErrorKind::model);
}

TEST_F(DamagedModel, AnyHeaderGivesFactsOrOneError) {
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 40; ++round) {
    std::string bytes = good_;
    for (auto n = 1 + random() % 3; n > 0; --n) bytes[random() % 3000] = static_cast<char>(random());
    const auto facts = probe(bytes);
    if (facts) continue;
    ++refused;
    EXPECT_EQ(facts.error().kind, base::ErrorKind::model) << facts.error().message;
    EXPECT_EQ(facts.error().message.find('\n'), std::string::npos);
  }
  EXPECT_GT(refused, 5);
}

}  // namespace
}  // namespace oc::tests
