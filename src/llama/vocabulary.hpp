// SPDX-License-Identifier: Apache-2.0
// The tokens of one model. Text of users and repositories never becomes a special token, whatever it spells; only runs
// marked as markup (chat templates) do.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct llama_vocab;

namespace oc::llama {

using TokenId = std::int32_t;

// In what order a model was taught to see what stands before and behind the cursor; what is wanted is always last.
// suffix_first: <prefix><suffix>behind<middle>before, as Code Llama's (arXiv 2308.12950, 2.3).
enum class InfillOrder { prefix_first, suffix_first };

struct InfillTokens {
  TokenId prefix;
  TokenId suffix;
  TokenId middle;
  std::optional<TokenId> repository;  // before the repository's name
  std::optional<TokenId> file;        // before each file's path
  InfillOrder order = InfillOrder::prefix_first;
};

struct TextRun {
  enum class Trust { markup, content } trust;
  std::string_view text;
};

// A view of a loaded model's vocabulary, valid as long as the model. All const functions are safe from any thread.
class Vocabulary {
 public:
  Vocabulary(const llama_vocab* vocab, InfillOrder order);

  // Tokens of runs that follow each other as one text: a run's end is no token boundary unless a special token is
  // there. With only content, exactly the model's own tokenisation of that text (no special tokens). No begin token is
  // added.
  std::vector<TokenId> tokenize(std::span<const TextRun> runs) const;
  std::vector<TokenId> tokenize_content(std::string_view text) const;
  std::vector<TokenId> tokenize_markup(std::string_view text) const;

  // The bytes a token stands for: may be part of a UTF-8 character; "" for control tokens.
  std::string bytes_of(TokenId token) const;
  // As bytes_of, but special tokens give their name, e.g. "<|im_end|>".
  std::string name_of(TokenId token) const;
  // The vocabulary says that nothing follows it.
  bool ends_answer(TokenId token) const;
  // A token that is structure, not text: control tokens, those of the infill layout, and user-defined ones that look
  // like markup. DeepSeek-Coder's <|EOT|>, which its template ends an answer with, is one of the last kind and no end
  // by itself.
  bool is_special(TokenId token) const;
  // What a prompt must begin with, where the vocabulary wants one.
  std::optional<TokenId> begin() const;
  std::optional<InfillTokens> infill() const;
  int size() const;

 private:
  struct Special {
    std::string text;
    TokenId id;
    int attributes;
  };
  void append_plain(std::string_view text, std::vector<TokenId>& tokens) const;
  void append_unguarded(std::string_view text, std::vector<TokenId>& tokens) const;
  const Special* find_special(std::string_view text, std::size_t from, std::size_t& at) const;
  std::size_t find_guarded(std::string_view text, std::size_t from) const;

  const llama_vocab* vocab_;
  InfillOrder infill_order_;
  std::vector<Special> specials_;     // longest text first
  std::vector<std::string> guarded_;  // texts that libllama turns into special tokens even in plain text
  std::vector<TokenId> structure_;    // special tokens that are no control tokens, in order
};

}  // namespace oc::llama
