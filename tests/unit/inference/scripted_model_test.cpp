// SPDX-License-Identifier: Apache-2.0
#include "inference/scripted_model.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "inference/alternatives.hpp"

namespace oc::inference {
namespace {

class ScriptedModelTest : public testing::Test {
 protected:
  base::Result<std::unique_ptr<ScriptedModel>> load(const std::string& script) {
    std::ofstream(path_, std::ios::binary) << script;
    return ScriptedModel::load(path_);
  }
  base::Result<protocol::Generated> ask(ScriptedModel& model, const std::string& prompt,
                                        std::int64_t max_tokens = 100) {
    protocol::Generate request;
    request.prompt = protocol::RawPrompt{prompt};
    request.max_tokens = base::TokenCount(max_tokens);
    answer_.clear();
    return generate(model, request, {[](const auto&) {}, [this](std::string_view text) { answer_ += text; }, cancel_});
  }
  void TearDown() override { std::filesystem::remove(path_); }

  base::Path path_ = base::Path(testing::TempDir()) / "scripted_model_test.jsonl";
  std::string answer_;
  base::CancelToken cancel_;
};

TEST_F(ScriptedModelTest, AnswersInOrderAndChecksPrompts) {
  const auto model = load(
      "# "
      "comment\n{\"answer\":\"one\"}\n\n{\"expect\":\"apple\",\"answer\":\"two\"}\n{\"reject\":[\"pear\"],\"answer\":"
      "\"3\"}\n");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_TRUE(ask(**model, "x"));
  EXPECT_EQ(answer_, "one");
  EXPECT_TRUE(ask(**model, "an apple"));
  EXPECT_EQ(answer_, "two");
  const auto refused = ask(**model, "a pear");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("'pear'"), std::string::npos);
  EXPECT_NE(ask(**model, "x").error().message.find("no more answers"), std::string::npos);
}

TEST_F(ScriptedModelTest, AnAnswerForSomePromptsWaitsForOneOfThem) {
  const auto model = load(
      "{\"for\":[\"apple\",\"red\"],\"answer\":\"one\"}\n{\"for\":\"pear\",\"answer\":\"two\"}\n{\"answer\":\"3\"}\n");
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_TRUE(ask(**model, "a pear"));
  EXPECT_EQ(answer_, "two");
  EXPECT_TRUE(ask(**model, "a green apple"));
  EXPECT_EQ(answer_, "3");
  const auto refused = ask(**model, "a second pear");
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("has no answer for the prompt"), std::string::npos);
  EXPECT_TRUE(ask(**model, "a red apple"));
  EXPECT_EQ(answer_, "one");
}

TEST_F(ScriptedModelTest, AListOfAnswersIsForAlternatives) {
  const auto model = load("{\"answer\":[\"one\",\"two\"]}\n{\"answer\":\"next\"}\n{\"answer\":\"last\"}\n");
  ASSERT_TRUE(model) << model.error().message;
  protocol::Generate request;
  request.prompt = protocol::RawPrompt{"x"};
  request.alternatives = 3;
  std::vector<std::string> texts(3);
  const auto begin = [&] {
    return Alternatives::begin(
        **model, request, {[](const auto&) {}, [](std::string_view) {}, cancel_},
        [&](int alternative, std::string_view text) { texts.at(static_cast<std::size_t>(alternative)) += text; });
  };
  const auto generation = begin();
  ASSERT_TRUE(generation) << generation.error().message;
  while ((*generation)->state() != Generation::State::done) (*generation)->advance([] { return false; });
  EXPECT_EQ(texts, (std::vector<std::string>{"one", "two", "two"}));
  const auto result = (*generation)->take_result();
  ASSERT_TRUE(result);
  ASSERT_EQ(result->alternatives.size(), 3u);
  EXPECT_EQ(result->alternatives[2].stop, protocol::StopReason::end);
  EXPECT_EQ(result->alternatives[1].usage.completion.value, 1);
  ask(**model, "x");
  EXPECT_EQ(answer_, "next") << "all alternatives took one line";
  for (const int wrong : {0, -1, protocol::k_most_alternatives + 1}) {
    request.alternatives = wrong;
    EXPECT_EQ(begin().error().kind, base::ErrorKind::usage) << wrong;
  }
}

TEST_F(ScriptedModelTest, EachEndingTakesALineOfItsOwn) {
  const auto model = load(
      "{\"expect\":[\"the code\",\"first\"],\"answer\":[\"one\",\"unused\"]}\n"
      "{\"expect\":[\"the code\",\"second\"],\"reject\":\"first\",\"answer\":\"two\"}\n"
      "{\"answer\":\"next\"}\n");
  ASSERT_TRUE(model) << model.error().message;
  protocol::Generate request;
  request.prompt = protocol::ChatPrompt{{{protocol::Role::user, "the code"}}, ""};
  request.endings = {"first?", "second?"};
  std::vector<std::string> texts(2);
  const auto generation = Alternatives::begin(
      **model, request, {[](const auto&) {}, [](std::string_view) {}, cancel_},
      [&](int alternative, std::string_view text) { texts.at(static_cast<std::size_t>(alternative)) += text; });
  ASSERT_TRUE(generation) << generation.error().message;
  while ((*generation)->state() != Generation::State::done) (*generation)->advance([] { return false; });
  EXPECT_EQ(texts, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ((*generation)->take_result()->alternatives.size(), 2u);
  ask(**model, "x");
  EXPECT_EQ(answer_, "next");
}

TEST_F(ScriptedModelTest, StopsLikeAModel) {
  const auto model = load(
      "{\"model\":{\"context\":8}}\n{\"answer\":\"0123456789\"}\n{\"answer\":\"0123456789\"}\n{\"answer\":\"x\"}\n");
  ASSERT_TRUE(model);
  const auto cut = ask(**model, "abcd", 2);
  EXPECT_EQ(cut->stop, protocol::StopReason::max_tokens);
  EXPECT_EQ(answer_, "01234567");
  EXPECT_EQ(ask(**model, "abcdabcdabcdabcdabcdabcd", 50)->stop, protocol::StopReason::context_full);
  const auto too_large = ask(**model, std::string(40, 'x'));
  ASSERT_FALSE(too_large);
  EXPECT_EQ(too_large.error().kind, base::ErrorKind::too_large);
  EXPECT_EQ(too_large.error().message, "the prompt has 10 tokens, the context window 8");
}

TEST_F(ScriptedModelTest, NamesTheLineThatIsWrong) {
  const auto model = load("{\"answer\":\"one\"}\nnot json\n");
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, base::ErrorKind::configuration);
  EXPECT_NE(model.error().message.find("line 2"), std::string::npos);
}

TEST_F(ScriptedModelTest, CancelEndsAPauseSoon) {
  const auto model = load("{\"answer\":\"x\",\"prefill_ms\":60000}\n");
  ASSERT_TRUE(model);
  cancel_.request();
  EXPECT_EQ(ask(**model, "x")->stop, protocol::StopReason::cancelled);
}

}  // namespace
}  // namespace oc::inference
