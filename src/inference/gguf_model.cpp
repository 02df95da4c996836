// SPDX-License-Identifier: Apache-2.0
#include "inference/gguf_model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/clock.hpp"

namespace oc::inference {

using base::TokenCount;
using llama::TokenId;

// What one request asks for and what it has become so far.
struct GgufModel::Run {
  const protocol::Generate& request;
  const base::CancelToken& cancel;
  std::vector<TokenId> prompt;
  std::int64_t max_tokens = 0;
  protocol::Generated result;
  base::Stopwatch watch;
};

base::Result<std::unique_ptr<GgufModel>> GgufModel::create(llama::Model model, const protocol::ModelFacts& facts,
                                                           const ContextPolicy& policy) {
  OC_TRY(const int limit, choose_context_limit(facts, policy));
  std::unique_ptr<GgufModel> made(new GgufModel(std::move(model), facts, policy, limit));
  OC_CHECK(made->ensure_context(std::min(limit, k_usual_context)));
  return made;
}

GgufModel::GgufModel(llama::Model model, protocol::ModelFacts facts, ContextPolicy policy, int limit)
    : model_(std::move(model)),
      facts_(std::move(facts)),
      policy_(policy),
      limit_(limit),
      format_(ChatFormat::find(model_.chat_template(), model_.vocabulary())) {
  facts_.chat_format = format_.name();
}

// Makes the context at least `tokens` long. A longer one is a new one: the cache is computed again.
base::Result<void> GgufModel::ensure_context(std::int64_t tokens) {
  if (context_ && context_->context_tokens() >= tokens) return {};
  const std::int64_t doubled = context_ ? 2 * std::int64_t{context_->context_tokens()} : 0;
  const std::int64_t explicit_size = policy_.context_tokens;
  const std::int64_t wanted =
      explicit_size > 0 ? explicit_size : std::min<std::int64_t>(std::max(tokens, doubled), limit_);
  context_.reset();
  timeline_.clear();
  OC_TRY(auto context, llama::Context::create(model_, static_cast<int>(wanted), policy_.threads));
  context_ = std::move(context);
  return {};
}

base::Result<TokenCount> GgufModel::count(const protocol::Prompt& prompt) {
  OC_TRY(const auto tokens, encode_prompt(prompt, format_, model_.vocabulary()));
  return TokenCount(static_cast<std::int64_t>(tokens.size()));
}

std::vector<protocol::Token> GgufModel::tokenize(const std::string& text, protocol::ParseSpecial special) {
  const llama::Vocabulary& vocabulary = model_.vocabulary();
  const auto ids =
      special == protocol::ParseSpecial::yes ? vocabulary.tokenize_markup(text) : vocabulary.tokenize_content(text);
  std::vector<protocol::Token> tokens;
  for (const TokenId id : ids) tokens.push_back({id, vocabulary.name_of(id)});
  return tokens;
}

base::Result<llama::Context::Outcome> GgufModel::prefill(Run& run, const ProgressSink& progress) {
  // The last token is always computed: its logits are what the answer begins with.
  const auto common = std::ranges::mismatch(timeline_, run.prompt).in1 - timeline_.begin();
  const std::size_t reused = std::min(static_cast<std::size_t>(common), run.prompt.size() - 1);
  context_->truncate(static_cast<int>(reused));
  timeline_.resize(reused);
  run.result.usage.cached = TokenCount(static_cast<std::int64_t>(reused));
  const auto total = static_cast<std::int64_t>(run.prompt.size() - reused);
  while (timeline_.size() < run.prompt.size()) {
    progress({protocol::Progress::Stage::prefill, static_cast<std::int64_t>(timeline_.size() - reused), total});
    // Blocks end at multiples of their size, wherever the reuse began: equal prefixes are computed equally.
    const std::size_t block_end = (timeline_.size() / llama::k_block_tokens + 1) * llama::k_block_tokens;
    const std::size_t end = std::min(block_end, run.prompt.size());
    const std::span<const TokenId> block(run.prompt.data() + timeline_.size(), end - timeline_.size());
    OC_TRY(const auto outcome, context_->decode(block, static_cast<int>(timeline_.size()), run.cancel.flag()));
    if (outcome == llama::Context::Outcome::stopped) return outcome;
    timeline_.insert(timeline_.end(), block.begin(), block.end());
  }
  progress({protocol::Progress::Stage::prefill, total, total});
  return llama::Context::Outcome::done;
}

base::Result<void> GgufModel::decode_answer(Run& run, llama::Sampler& sampler, const TextSink& text) {
  const llama::Vocabulary& vocabulary = model_.vocabulary();
  AnswerStream stream(run.request.stop, text);
  auto& result = run.result;
  const base::Stopwatch watch;
  for (;;) {
    OC_TRY(const TokenId token, sampler.sample(context_->logits()));
    if (result.usage.completion.value == 0) result.timing.first_token_ms = run.watch.elapsed_ms();
    // Structure is no part of an answer: the template's own end, or a small model that opens the next message.
    if (vocabulary.ends_answer(token) || vocabulary.is_special(token)) {
      result.stop = protocol::StopReason::end;
      break;
    }
    result.usage.completion += TokenCount(1);
    stream.add(vocabulary.bytes_of(token));
    if (stream.is_stopped()) {
      result.stop = protocol::StopReason::stop_text;
      break;
    }
    if (run.cancel.is_requested()) {
      result.stop = protocol::StopReason::cancelled;
      break;
    }
    if (result.usage.completion.value >= run.request.max_tokens.value) {
      result.stop = protocol::StopReason::max_tokens;
      break;
    }
    if (result.usage.completion.value >= run.max_tokens) {
      result.stop = protocol::StopReason::context_full;
      break;
    }
    OC_TRY(const auto outcome, context_->decode({&token, 1}, static_cast<int>(timeline_.size()), run.cancel.flag()));
    if (outcome == llama::Context::Outcome::stopped) {
      result.stop = protocol::StopReason::cancelled;
      break;
    }
    timeline_.push_back(token);
  }
  if (!stream.is_stopped()) stream.finish();
  result.timing.generate_ms = watch.elapsed_ms();
  return {};
}

base::Result<protocol::Generated> GgufModel::generate(const protocol::Generate& request, const ProgressSink& progress,
                                                      const TextSink& text, const base::CancelToken& cancel) {
  Run run{request, cancel, {}, 0, {}, {}};
  OC_TRY(run.prompt, encode_prompt(request.prompt, format_, model_.vocabulary()));
  const auto length = static_cast<std::int64_t>(run.prompt.size());
  if (length == 0) return base::fail(base::ErrorKind::usage, "the prompt is empty");
  run.result.usage.prompt = TokenCount(length);
  if (length >= limit_) return std::unexpected(does_not_fit(TokenCount(length), limit_, facts_));
  if (request.max_tokens.value < 1)
    return base::fail(base::ErrorKind::usage, "an answer must be allowed at least 1 token");
  run.max_tokens = std::min<std::int64_t>(request.max_tokens.value, limit_ - length);
  OC_TRY(auto sampler, llama::Sampler::create(model_, request.sampling));
  OC_CHECK(ensure_context(length + run.max_tokens));
  run.result.context_tokens = context_->context_tokens();

  OC_TRY(const auto outcome, prefill(run, progress));
  run.result.timing.prefill_ms = run.watch.elapsed_ms();
  if (outcome == llama::Context::Outcome::stopped) {
    run.result.stop = protocol::StopReason::cancelled;
    return run.result;
  }
  OC_CHECK(decode_answer(run, sampler, text));
  return run.result;
}

}  // namespace oc::inference
