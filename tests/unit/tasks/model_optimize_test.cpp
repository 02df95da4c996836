// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_optimize.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/sha256.hpp"
#include "tasks/quantization_quality.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using base::Path;
using base::testing::ScratchFolder;
using protocol::QuantType;
using protocol::Speed;
using protocol::WeightLayout;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Workers that write a word instead of weights and know how fast each is.
class ModelOptimize : public testing::Test {
 protected:
  ModelOptimize() {
    EXPECT_TRUE(base::make_folder(source_folder()));
    EXPECT_TRUE(base::replace_file(source_folder() / "m.gguf", "original"));
    facts_.quantization = "Q4_K_M";
    facts_.parameters = 1000;
    facts_.weight_bytes = 620;
    facts_.file_bytes = 720;
  }
  Path source_folder() const { return scratch_ / "source"; }
  Path folder() const { return scratch_ / "models"; }
  static std::string read(const Path& file) {
    return base::read_file(file, base::ByteCount(1'000'000)).value_or("(none)");
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    std::error_code code;
    for (const auto& entry : std::filesystem::directory_iterator(folder(), code))
      names.insert(base::to_utf8(entry.path().filename()));
    return names;
  }
  OptimizeRequest request(std::optional<QuantType> type = std::nullopt) const {
    OptimizeRequest made;
    made.source = read_model(source_folder() / "m.gguf");
    made.facts = facts_;
    made.type = type;
    made.folder = folder();
    made.layouts = {WeightLayout::mapped, WeightLayout::repacked};
    return made;
  }
  base::Result<Optimized> optimize(const OptimizeRequest& wanted) {
    const ModelWorkers workers{
        [&](const protocol::QuantizeJob& job,
            const protocol::OnJobProgress& progress) -> base::Result<protocol::QuantizedFile> {
          if (const auto error = quantize_errors_.find(job.type); error != quantize_errors_.end())
            return std::unexpected(error->second);
          EXPECT_TRUE(base::create_file(job.target, protocol::to_string(job.type)));
          progress({1, 2});
          return protocol::QuantizedFile{4};
        },
        [&](const protocol::MeasureJob& job) -> base::Result<Speed> {
          const std::string content = read(job.file);
          measured_.push_back(content);
          if (content == stop_at_) return base::fail(ErrorKind::cancelled, "stopped");
          const double slowness = measured_.size() > slow_down_after_ ? 2 : 1;
          const double factor = (job.layout == WeightLayout::repacked ? repack_factor_ : 1) / slowness;
          return Speed{speeds_.at(content) * factor, speeds_.at(content) * factor, 1, steadiness_};
        }};
    return optimize_model(wanted, workers, [](const OptimizeProgress& p) { EXPECT_LE(p.permille, 1000); }, {});
  }

  ScratchFolder scratch_;
  protocol::ModelFacts facts_;
  std::map<std::string, double> speeds_{{"original", 10}, {"Q4_K", 12}, {"Q4_0", 15}};
  std::map<QuantType, base::Error> quantize_errors_;
  double repack_factor_ = 2;
  std::string stop_at_;
  double steadiness_ = 1;
  std::size_t slow_down_after_ = SIZE_MAX;
  std::vector<std::string> measured_;
};

TEST_F(ModelOptimize, KeepsTheFastestCopyAndTheOriginal) {
  const auto done = optimize(request());
  ASSERT_TRUE(done) << done.error().message;
  ASSERT_TRUE(done->copy);
  EXPECT_EQ(done->copy->name, "m-pure-q4_0");
  EXPECT_EQ(done->copy->parts.at(0).sha256, base::sha256("Q4_0"));
  EXPECT_THAT(files(), UnorderedElementsAre("m-pure-q4_0.gguf", "m-pure-q4_0.gguf.sha256"));
  EXPECT_EQ(read(folder() / "m-pure-q4_0.gguf"), "Q4_0");
  EXPECT_EQ(read(source_folder() / "m.gguf"), "original");
  ASSERT_EQ(done->tried.size(), 2u);
  EXPECT_NEAR(done->tried[0].gain, 1.2, 1e-9);
  EXPECT_NEAR(done->tried[1].gain, 1.5, 1e-9);
  EXPECT_EQ(done->tried[1].measured.layout, WeightLayout::repacked);
  EXPECT_EQ(done->kept, 1u);
}

TEST_F(ModelOptimize, MeasuresTheBestTwiceInReverse) {
  repack_factor_ = 0.5;
  ASSERT_TRUE(optimize(request(QuantType::q4_k)));
  EXPECT_EQ(measured_, (std::vector<std::string>{"original", "original", "Q4_K", "Q4_K", "Q4_K", "original"}));
}

TEST_F(ModelOptimize, SaysHowQuietTheMachineWas) {
  EXPECT_EQ(optimize(request(QuantType::q4_k))->unrest, 0);
  slow_down_after_ = measured_.size() + 5;  // the original's second time
  OptimizeRequest wanted = request(QuantType::q4_k);
  wanted.existing = ExistingCopy::replace;
  const auto done = optimize(wanted);
  EXPECT_NEAR(done->unrest, 0.5, 1e-9);
  EXPECT_NEAR(done->tried.at(0).gain, 1.2, 1e-9) << "the better of two counts";
}

TEST_F(ModelOptimize, ChoosesNothingByNoise) {
  steadiness_ = 0.3;
  const auto done = optimize(request());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::negative);
  EXPECT_THAT(done.error().message, HasSubstr("differed by 70 %"));
  EXPECT_THAT(measured_, testing::Each("original")) << "nothing is made for it";
  EXPECT_TRUE(files().empty());
  const auto asked = optimize(request(QuantType::q4_0));
  ASSERT_TRUE(asked && asked->copy);
  EXPECT_NEAR(asked->unrest, 0.7, 1e-9);
}

TEST_F(ModelOptimize, KeepsNothingThatIsHardlyFaster) {
  speeds_ = {{"original", 10}, {"Q4_K", 10.4}, {"Q4_0", 9}};
  const auto done = optimize(request());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_FALSE(done->copy);
  EXPECT_FALSE(done->kept);
  EXPECT_TRUE(files().empty());
}

TEST_F(ModelOptimize, KeepsWhatWasAskedForThoughItIsSlower) {
  speeds_["Q4_K"] = 5;
  const auto done = optimize(request(QuantType::q4_k));
  ASSERT_TRUE(done && done->copy);
  EXPECT_NEAR(done->tried.at(0).gain, 0.5, 1e-9);
  EXPECT_EQ(read(folder() / "m-pure-q4_k.gguf"), "Q4_K");
}

TEST_F(ModelOptimize, GoesOnWithoutATypeThatDoesNotFit) {
  quantize_errors_[QuantType::q4_k] = {ErrorKind::model, "rows of 896", ""};
  const auto done = optimize(request());
  ASSERT_TRUE(done && done->copy);
  EXPECT_EQ(done->tried.at(0).obstacle, "rows of 896");
  EXPECT_EQ(done->copy->name, "m-pure-q4_0");
  const auto alone = optimize(request(QuantType::q4_k));
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().message, "rows of 896");
}

TEST_F(ModelOptimize, LeavesNothingWhenItIsStopped) {
  for (const char* when : {"original", "Q4_K", "Q4_0"}) {
    stop_at_ = when;
    const auto done = optimize(request());
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().kind, ErrorKind::cancelled);
    EXPECT_TRUE(files().empty()) << when;
  }
  stop_at_.clear();
  quantize_errors_[QuantType::q4_0] = {ErrorKind::engine, "killed", ""};
  EXPECT_EQ(optimize(request()).error().kind, ErrorKind::engine);
  EXPECT_TRUE(files().empty());
}

TEST_F(ModelOptimize, RefusesAnExistingFileUnlessForced) {
  ASSERT_TRUE(base::make_folder(folder()));
  ASSERT_TRUE(base::replace_file(folder() / "mine.gguf", "precious"));
  ASSERT_TRUE(base::replace_file(folder() / "mine.gguf.sha256", "old record"));
  OptimizeRequest wanted = request();
  wanted.name = "mine";
  const auto refused = optimize(wanted);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_TRUE(measured_.empty()) << "it is refused before any work";
  EXPECT_EQ(read(folder() / "mine.gguf"), "precious");
  wanted.existing = ExistingCopy::replace;
  ASSERT_TRUE(optimize(wanted));
  EXPECT_EQ(read(folder() / "mine.gguf"), "Q4_0");
  EXPECT_EQ(read(folder() / "mine.gguf.sha256"), base::sha256("Q4_0") + "  mine.gguf\n");
}

TEST_F(ModelOptimize, NeverReplacesTheOriginal) {
  OptimizeRequest wanted = request();
  wanted.folder = source_folder();
  wanted.name = "m";
  wanted.existing = ExistingCopy::replace;
  const auto by_name = optimize(wanted);
  ASSERT_FALSE(by_name);
  EXPECT_THAT(by_name.error().message, HasSubstr("is the original"));
  std::filesystem::create_hard_link(source_folder() / "m.gguf", source_folder() / "other.gguf");
  wanted.name = "other";
  EXPECT_EQ(optimize(wanted).error().kind, ErrorKind::conflict);
  EXPECT_EQ(read(source_folder() / "m.gguf"), "original");
}

TEST_F(ModelOptimize, RemovesWhatKilledRunsLeft) {
  ASSERT_TRUE(base::make_folder(folder()));
  const std::string mine = fmt::format(".a.gguf.{}.unfinished", base::current_process_id());
  for (const std::string& name :
       {std::string(".b.gguf.999999999.unfinished"), mine, std::string(".c.gguf.x.unfinished"),
        std::string(".unfinished"), std::string(".gguf.1.unfinished")})
    ASSERT_TRUE(base::replace_file(folder() / name, "x"));
  stop_at_ = "original";
  ASSERT_FALSE(optimize(request()));
  EXPECT_THAT(files(), UnorderedElementsAre(mine, ".c.gguf.x.unfinished", ".unfinished", ".gguf.1.unfinished"));
}

TEST_F(ModelOptimize, RefusesSplitAndFinishedModels) {
  OptimizeRequest split = request();
  split.source.parts.push_back(split.source.parts.front());
  EXPECT_THAT(optimize(split).error().message, HasSubstr("split into 2 parts"));
  facts_.quantization = "Q4_K_S";
  facts_.weight_bytes = 565;
  EXPECT_EQ(optimize(request(QuantType::q4_k)).error().kind, ErrorKind::negative);
  ASSERT_TRUE(optimize(request()));
  EXPECT_THAT(measured_, testing::Not(testing::Contains("Q4_K"))) << "only the other type is tried";
  facts_.weight_bytes = 590;  // a mixture
  EXPECT_FALSE(is_all_of(facts_, QuantType::q4_k));
}

TEST_F(ModelOptimize, RefusesNamesThatAreNone) {
  for (const char* name : {"a/b", "..", "-x", "a\nb", "x-00001-of-00002"}) {
    OptimizeRequest wanted = request();
    wanted.name = name;
    EXPECT_EQ(optimize(wanted).error().kind, ErrorKind::usage) << name;
  }
}

TEST_F(ModelOptimize, RefusesToFillTheDisk) {
  facts_.parameters = std::int64_t{1} << 52;
  const auto done = optimize(request());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::io);
  EXPECT_THAT(done.error().message, HasSubstr("are free"));
}

TEST(ExpectedBytes, AreFourAndAHalfBitsAndTheRest) {
  protocol::ModelFacts facts;
  facts.parameters = 1'543'714'304;  // 1.5B: the copy has 874 785 376 bytes
  facts.weight_bytes = 980'000'000;
  facts.file_bytes = 985'948'000;
  EXPECT_NEAR(static_cast<double>(expected_bytes(facts).value), 874'785'376, 0.01 * 874'785'376);
}

TEST(TypicalRequest, CountsPrefillAndDecode) {
  EXPECT_DOUBLE_EQ(typical_request_ms({512, 128, 0}), 2000);
  EXPECT_GT(typical_request_ms({0, 100, 0}), 1e9);
}

TEST(PublishedQuality, NamesTheNearestFigure) {
  protocol::ModelFacts facts;
  facts.architecture = "qwen2";
  facts.quantization = "Q4_K_M";
  facts.parameters = 7'620'000'000;
  const QualityFigure qwen = published_quality(facts, QuantType::q4_0);
  EXPECT_EQ(qwen.model, "Qwen2-7B-Instruct");
  EXPECT_NEAR(qwen.percent(), 2.1, 0.05);
  const QualityFigure q4_k = published_quality(facts, QuantType::q4_k);
  EXPECT_EQ(q4_k.from, "Q4_K_M");
  EXPECT_EQ(q4_k.to, "Q4_K_S");
  EXPECT_NEAR(q4_k.percent(), 1.5, 0.05);
  facts.parameters = 1'540'000'000;
  EXPECT_NEAR(published_quality(facts, QuantType::q4_0).percent(), 1.7, 0.05);
  facts.architecture = "llama";
  EXPECT_EQ(published_quality(facts, QuantType::q4_0).model, "Llama-3-8B");
  for (const char* type : {"F16", "BF16", "IQ2_XXS", "", "?"}) {
    facts.quantization = type;
    EXPECT_EQ(published_quality(facts, QuantType::q4_0).from, "16 bit") << type;
    EXPECT_GT(published_quality(facts, QuantType::q4_k).percent(), 4) << type;
  }
}

}  // namespace
}  // namespace oc::tasks
