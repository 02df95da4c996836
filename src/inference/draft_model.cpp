// SPDX-License-Identifier: Apache-2.0
#include "inference/draft_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"
#include "base/text.hpp"

namespace oc::inference {

using llama::TokenId;

namespace {

// Tokens before the answer that are worth reading: what comes next depends on little that is further away.
constexpr std::size_t k_window = 512;
// More than this is read once, and is not what a guess costs.
constexpr std::size_t k_catch_up = 8;
constexpr double k_new_share = 0.1;
constexpr int k_sequence = 0;

bool is_same(const llama::Vocabulary& one, const llama::Vocabulary& other) {
  if (one.size() != other.size()) return false;
  for (TokenId token = 0; token < one.size(); ++token)
    if (one.name_of(token) != other.name_of(token) || one.is_special(token) != other.is_special(token)) return false;
  return true;
}

int cells_of(const protocol::ModelFacts& facts) {
  return facts.context_trained > 0 ? std::min(facts.context_trained, DraftModel::k_context) : DraftModel::k_context;
}

}  // namespace

base::Result<std::unique_ptr<DraftModel>> DraftModel::create(llama::Model model, const protocol::ModelFacts& facts,
                                                             const llama::Vocabulary& target,
                                                             const llama::ContextOptions& options, Check check) {
  if (!is_same(model.vocabulary(), target))
    return base::fail(
        base::ErrorKind::model,
        fmt::format("{} cannot guess for this model: their vocabularies differ", base::in_quotes(facts.path)),
        "name a model of the same family as engine.draft_model, or none");
  llama::ContextOptions own = options;
  own.tokens = cells_of(facts);
  OC_TRY(auto context, llama::Context::create(model, own));
  return std::unique_ptr<DraftModel>(new DraftModel(std::move(model), facts, std::move(context), std::move(check)));
}

base::ByteCount DraftModel::memory_of(const protocol::ModelFacts& facts) {
  return base::ByteCount(facts.weight_bytes + facts.buffer_bytes + cells_of(facts) * facts.kv_bytes_per_token);
}

double DraftModel::token_ms(double target_ms, std::int64_t target_bytes) const {
  if (token_ms_ > 0 || target_bytes <= 0) return token_ms_;
  return target_ms * static_cast<double>(facts_.weight_bytes) / static_cast<double>(target_bytes);
}

std::span<const TokenId> DraftModel::choose_window(std::span<const TokenId> text, std::size_t most) const {
  const auto cells = static_cast<std::size_t>(context_.context_tokens());
  const std::span<const TokenId> longer = text.subspan(std::min(begin_, text.size()));
  const auto there = static_cast<std::size_t>(std::ranges::mismatch(tokens_, longer).in2 - longer.begin());
  if (there > 0 && longer.size() - there <= k_window && longer.size() + most <= cells) return longer;
  return text.last(std::min(text.size(), std::min(k_window, cells - std::min(most, cells - 1))));
}

bool DraftModel::decode(std::span<const TokenId> tokens, const llama::StopCheck& stop) {
  std::vector<llama::Row> rows;
  auto position = static_cast<int>(tokens_.size());
  for (const TokenId token : tokens) rows.push_back({token, position++, k_sequence, llama::Row::Logits::unwanted});
  rows.back().logits = llama::Row::Logits::wanted;
  const auto outcome = context_.decode(rows, stop);
  if (!outcome || *outcome == llama::Context::Outcome::stopped) return false;
  tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  return true;
}

int DraftModel::read(std::span<const TokenId> window, const llama::StopCheck& stop) {
  const auto [there, wanted] = std::ranges::mismatch(tokens_, window);
  // The last token is computed in any case, for its logits.
  const std::size_t common = std::min(static_cast<std::size_t>(there - tokens_.begin()), window.size() - 1);
  context_.truncate(k_sequence, static_cast<int>(common));
  tokens_.resize(common);
  int last_row = -1;
  while (tokens_.size() < window.size()) {
    const std::size_t rows = std::min(window.size() - tokens_.size(), std::size_t{llama::k_block_tokens});
    if (!decode(window.subspan(tokens_.size(), rows), stop)) return -1;
    last_row = static_cast<int>(rows) - 1;
  }
  return last_row;
}

DraftModel::Guess DraftModel::propose(std::span<const TokenId> text, std::size_t most, const llama::StopCheck& stop) {
  Guess guess;
  if (most == 0 || text.empty() || !check_()) return guess;
  const std::span<const TokenId> window = choose_window(text, most);
  begin_ = text.size() - window.size();
  base::Stopwatch watch;
  const std::size_t before = tokens_.size();
  int row = read(window, stop);
  if (row < 0) return guess;
  if (window.size() > before + k_catch_up) watch = base::Stopwatch();
  for (;;) {
    const auto logits = context_.logits(row);
    const auto token = static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
    if (model_.vocabulary().is_special(token) || model_.vocabulary().ends_answer(token)) break;
    guess.tokens.push_back(token);
    if (guess.tokens.size() == most || !decode(std::span(&token, 1), stop)) break;
    row = 0;
  }
  guess.ms = watch.elapsed_ms();
  if (guess.tokens.size() > 1) {
    const double seen = guess.ms / static_cast<double>(guess.tokens.size());
    token_ms_ = token_ms_ <= 0 ? seen : token_ms_ + k_new_share * (seen - token_ms_);
  }
  return guess;
}

}  // namespace oc::inference
