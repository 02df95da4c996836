// SPDX-License-Identifier: Apache-2.0
#include "llama/sampler.hpp"

#include <llama.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "llama/model.hpp"
#include "llama/runtime.hpp"

namespace oc::llama {
namespace {

// libllama's grammar parser recurses for each bracket; these are far above any grammar that people write.
constexpr std::size_t k_grammar_bytes = 64 * 1024;
constexpr int k_grammar_depth = 64;

base::Result<void> check_grammar(std::string_view grammar) {
  if (grammar.size() > k_grammar_bytes)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("the grammar has {} bytes, at most {} are allowed", grammar.size(), k_grammar_bytes));
  int depth = 0, deepest = 0;
  for (const char c : grammar) {
    if (c == '(') deepest = std::max(deepest, ++depth);
    if (c == ')') --depth;
  }
  if (deepest > k_grammar_depth)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("the grammar is nested {} deep, at most {} are allowed", deepest, k_grammar_depth));
  return {};
}

base::Result<void> check_range(const char* name, double value, double low, double high) {
  if (std::isfinite(value) && value >= low && value <= high) return {};
  return base::fail(base::ErrorKind::usage,
                    fmt::format("{} is {}, it must be between {} and {}", name, value, low, high));
}

}  // namespace

void Sampler::Deleter::operator()(llama_sampler* sampler) const { llama_sampler_free(sampler); }

base::Result<Sampler::Handle> Sampler::make_grammar(const Model& model, const std::string& text) {
  if (text.empty()) return Handle();
  OC_CHECK(check_grammar(text));
  forget_error_line();
  Handle grammar(llama_sampler_init_grammar(llama_model_get_vocab(model.get()), text.c_str(), "root"));
  if (!grammar)
    return base::fail(base::ErrorKind::usage, fmt::format("the grammar is not valid GBNF: {}", last_error_line()));
  return grammar;
}

base::Result<Sampler> Sampler::create(const Model& model, const protocol::Sampling& sampling) {
  OC_CHECK(check_range("temperature", sampling.temperature, 0, 10));
  OC_CHECK(check_range("top_p", sampling.top_p, 0, 1));
  OC_CHECK(check_range("min_p", sampling.min_p, 0, 1));
  OC_CHECK(check_range("top_k", sampling.top_k, 0, 1e9));
  OC_TRY(Handle grammar, make_grammar(model, sampling.grammar));
  Handle chain;
  if (sampling.temperature > 0) {
    chain.reset(llama_sampler_chain_init(llama_sampler_chain_default_params()));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_k(sampling.top_k));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_top_p(static_cast<float>(sampling.top_p), 1));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_min_p(static_cast<float>(sampling.min_p), 1));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_temp(static_cast<float>(sampling.temperature)));
    llama_sampler_chain_add(chain.get(), llama_sampler_init_dist(sampling.seed));
  }
  Structure structure = grammar ? find_structure(model.vocabulary()) : Structure{};
  return Sampler(sampling.grammar, std::move(grammar), std::move(chain), std::move(structure));
}

TokenId Sampler::pick(std::span<const float> logits, llama_sampler* constraint) {
  if (!chain_ && constraint == nullptr) return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
  std::vector<llama_token_data> candidates(logits.size());
  for (std::size_t i = 0; i < logits.size(); ++i) candidates[i] = {static_cast<TokenId>(i), logits[i], 0};
  llama_token_data_array array{candidates.data(), candidates.size(), -1, false};
  if (constraint != nullptr) {
    const bool may_end = structure_.end < 0 || takes(structure_.end);
    for (const TokenId token : structure_.tokens)
      if (!may_end) candidates[static_cast<std::size_t>(token)].logit = -INFINITY;
    llama_sampler_apply(constraint, &array);
  }
  if (!chain_) {
    const auto best = std::max_element(array.data, array.data + array.size,
                                       [](const auto& a, const auto& b) { return a.logit < b.logit; });
    return best->logit == -INFINITY ? LLAMA_TOKEN_NULL : best->id;
  }
  llama_sampler_apply(chain_.get(), &array);
  return array.selected < 0 ? LLAMA_TOKEN_NULL : array.data[array.selected].id;
}

Sampler::Structure Sampler::find_structure(const Vocabulary& vocabulary) {
  Structure structure;
  for (TokenId token = 0; token < vocabulary.size(); ++token) {
    if (vocabulary.ends_answer(token)) structure.end = token;
    else if (vocabulary.is_special(token)) structure.tokens.push_back(token);
  }
  return structure;
}

bool Sampler::is_structure(TokenId token) const { return std::ranges::binary_search(structure_.tokens, token); }

bool Sampler::allows(TokenId token) {
  return is_structure(token) && structure_.end >= 0 ? takes(structure_.end) : takes(token);
}

bool Sampler::takes(TokenId token) {
  llama_token_data candidate{token, 1, 0};
  llama_token_data_array array{&candidate, 1, -1, false};
  llama_sampler_apply(grammar_.get(), &array);
  return array.data[0].logit != -INFINITY;
}

void Sampler::let_go() { grammar_.reset(); }

base::Result<void> Sampler::take_model(const Model& model, std::span<const TokenId> accepted) {
  OC_TRY(grammar_, make_grammar(model, grammar_text_));
  if (!grammar_) return {};
  try {
    for (const TokenId token : accepted) llama_sampler_accept(grammar_.get(), token);
    return {};
  } catch (const std::exception& e) {
    return base::fail(base::ErrorKind::engine, fmt::format("the grammar cannot go on: {}", e.what()));
  }
}

base::Result<TokenId> Sampler::sample(std::span<const float> logits) {
  try {
    // Testing one token is cheap, filtering 152 000 is not: the grammar sees all only when it refuses the first choice.
    TokenId token = pick(logits, nullptr);
    if (grammar_ && !allows(token)) token = pick(logits, grammar_.get());
    if (token == LLAMA_TOKEN_NULL || (grammar_ && !allows(token)))
      return base::fail(base::ErrorKind::engine, "the grammar allows no token here");
    if (grammar_ && !is_structure(token)) llama_sampler_accept(grammar_.get(), token);
    if (chain_) llama_sampler_accept(chain_.get(), token);
    return token;
  } catch (const std::exception& e) {  // libllama's grammar throws when its stacks run empty
    return base::fail(base::ErrorKind::engine, fmt::format("the grammar cannot go on: {}", e.what()));
  }
}

}  // namespace oc::llama
