// SPDX-License-Identifier: Apache-2.0
// Picks the next token from logits. Deterministic: equal logits, settings and history give equal tokens.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "llama/vocabulary.hpp"
#include "protocol/messages.hpp"

struct llama_sampler;

namespace oc::llama {

class Model;

class Sampler {
 public:
  // Kind `usage` for a value out of range or a grammar that is too large, too deeply nested (libllama would abort the
  // process) or wrong.
  static base::Result<Sampler> create(const Model& model, const protocol::Sampling& sampling);

  // The next token, taken into account as accepted. Kind `engine` when the grammar allows no token.
  base::Result<TokenId> sample(std::span<const float> logits);

  // Keeps nothing of the model, which may go then; sample() needs another one of the same file first.
  void let_go();
  // `accepted`: all that was sampled so far. Kind `engine` when the grammar does not take it.
  base::Result<void> take_model(const Model& model, std::span<const TokenId> accepted);

 private:
  struct Deleter {
    void operator()(llama_sampler* sampler) const;
  };
  using Handle = std::unique_ptr<llama_sampler, Deleter>;
  // Special tokens: a grammar would take the names of those that end nothing for text. Whoever samples ends an answer
  // at any of them, so they are allowed where the grammar allows an end.
  struct Structure {
    std::vector<TokenId> tokens;  // that are no ends, sorted
    TokenId end = -1;             // one that is; -1: the vocabulary has none
  };
  Sampler(std::string grammar_text, Handle grammar, Handle chain, Structure structure)
      : grammar_text_(std::move(grammar_text)),
        grammar_(std::move(grammar)),
        chain_(std::move(chain)),
        structure_(std::move(structure)) {}
  static Structure find_structure(const Vocabulary& vocabulary);
  static base::Result<Handle> make_grammar(const Model& model, const std::string& text);
  TokenId pick(std::span<const float> logits, llama_sampler* constraint);
  bool allows(TokenId token);
  bool takes(TokenId token);
  bool is_structure(TokenId token) const;

  std::string grammar_text_;
  Handle grammar_;       // null: none
  Handle chain_;         // null: greedy
  Structure structure_;  // empty without a grammar
};

}  // namespace oc::llama
