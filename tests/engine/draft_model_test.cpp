// SPDX-License-Identifier: Apache-2.0
// A second model that guesses changes no answer, only how many calls it takes.
#include "inference/draft_model.hpp"

#include <gmock/gmock.h>

#include "base/files.hpp"
#include "engine/models.hpp"
#include "inference/model_shelf.hpp"
#include "llama/quantizer.hpp"
#include "unit/base/scratch_folder.hpp"

namespace oc::tests {
namespace {

using inference::DraftModel;
using ::testing::HasSubstr;

base::Result<std::unique_ptr<DraftModel>> make_draft(const base::Path& path, const inference::GgufModel& target) {
  llama::Model model = load_model(path);
  protocol::ModelFacts facts = model.facts(path);
  facts.weight_bytes = 1;  // so that guesses look cheap before they have been measured
  return DraftModel::create(std::move(model), facts, target.vocabulary(), {0, 1, 1},
                            [] { return base::Result<void>(); });
}

std::vector<protocol::Generate> requests() {
  std::vector<protocol::Generate> all{chat("Write a function that adds.", 80), chat("Explain this.\nx = 1", 60)};
  all.push_back(all.front());
  all.back().sampling.temperature = 0.7;
  all.back().sampling.seed = 3;
  return all;
}

TEST(DraftModel, TheSameModelGuessesRight) {
  const auto plain = make_model(k_starter), guessing = make_model(k_starter);
  make_guesses_cheap(*guessing);
  guessing->guess_with(*make_draft(k_starter, *guessing));
  const protocol::Generate request = requests().front();
  const Asked wanted = ask(*plain, request), got = ask(*guessing, request);
  EXPECT_EQ(got.text, wanted.text);
  EXPECT_EQ(got.result->usage.completion, wanted.result->usage.completion);
  // Without it there is nothing to copy from at first.
  EXPECT_GE(guessing->reuse().accepted_tokens, got.result->usage.completion.value * 3 / 4);
}

TEST(DraftModel, AnotherModelChangesNoAnswer) {
  const base::testing::ScratchFolder folder;
  const base::Path other = folder / "other.gguf";
  ASSERT_TRUE(llama::quantize({k_starter, other, protocol::QuantType::q4_0, 1}, [](const auto&) {}));
  const auto guessing = make_model(k_starter);
  make_guesses_cheap(*guessing);
  guessing->guess_with(*make_draft(other, *guessing));
  for (const protocol::Generate& request : requests())
    EXPECT_EQ(ask(*guessing, request).text, ask(*make_model(k_starter), request).text);
  EXPECT_GT(guessing->reuse().drafted_tokens, 0);
}

TEST(DraftModel, GoesOnWhereTheTextGrewAndStartsAnewElsewhere) {
  const auto target = make_model(k_starter);
  const auto draft = *make_draft(k_starter, *target);
  const auto never = [] { return false; };
  std::vector<llama::TokenId> text = target->vocabulary().tokenize_content("def add(a, b):\n    return ");
  const auto first = draft->propose(text, 6, never).tokens;
  ASSERT_GE(first.size(), 2u);
  text.push_back(first[0]);
  const auto rest = draft->propose(text, 5, never).tokens;
  EXPECT_EQ(rest, std::vector(first.begin() + 1, first.end()));
  const auto other = target->vocabulary().tokenize_content("x = 1\nprint(");
  EXPECT_EQ(draft->propose(other, 4, never).tokens, (*make_draft(k_starter, *target))->propose(other, 4, never).tokens);
  EXPECT_TRUE(draft->propose(other, 4, [] { return true; }).tokens.empty()) << "stopped";
  // Longer than its context.
  while (text.size() < DraftModel::k_context * 2) text.insert(text.end(), other.begin(), other.end());
  EXPECT_FALSE(draft->propose(text, 4, never).tokens.empty());
  EXPECT_TRUE(draft->propose({}, 4, never).tokens.empty());
}

class DraftOnShelf : public testing::Test {
 protected:
  base::Result<inference::ModelShelf::Taken> take(const base::Path& draft, std::int64_t memory) {
    shelf_ = std::make_unique<inference::ModelShelf>(inference::ModelShelf::Options{
        OC_ENGINE_PROGRAM, OC_BACKENDS_FOLDER, base::ByteCount(memory), {}, {}, nullptr});
    return shelf_->take({protocol::ModelReference::Kind::gguf, base::to_utf8(k_starter), 0, 1, base::to_utf8(draft)},
                        protocol::Priority::interactive, [](const auto&) {}, {});
  }
  base::testing::ScratchFolder folder_;
  std::unique_ptr<inference::ModelShelf> shelf_;
};

TEST_F(DraftOnShelf, CountsInTheBudgetAndIsLeftOutWhereItDoesNotFit) {
  const std::int64_t alone = make_model(k_starter)->memory().value;
  const std::int64_t draft = DraftModel::memory_of(load_model(k_starter).facts(k_starter)).value;
  EXPECT_EQ(take(k_starter, alone + draft)->model->memory().value, alone + draft);
  EXPECT_EQ(take(k_starter, alone + draft - 1)->model->memory().value, alone);
}

TEST_F(DraftOnShelf, AnotherVocabularyIsAnError) {
  std::string bytes = *base::read_file(k_starter, base::ByteCount(std::int64_t{1} << 30));
  const std::size_t token = bytes.find("\xC4\xA0return");
  ASSERT_NE(token, std::string::npos);
  bytes[token + 4] = 'a';
  const base::Path other = folder_ / "other.gguf";
  ASSERT_TRUE(base::replace_file(other, bytes, base::FileAccess::owner_only));
  const auto refused = take(other, 4'000'000'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, base::ErrorKind::model);
  EXPECT_THAT(refused.error().message, HasSubstr("their vocabularies differ"));
  EXPECT_THAT(refused.error().hint, HasSubstr("engine.draft_model"));
  EXPECT_FALSE(take(folder_ / "gone.gguf", 4'000'000'000));
}

}  // namespace
}  // namespace oc::tests
