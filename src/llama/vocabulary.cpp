// SPDX-License-Identifier: Apache-2.0
#include "llama/vocabulary.hpp"

#include <llama.h>

#include <algorithm>

#include "base/text.hpp"

namespace oc::llama {
namespace {

bool is_set(TokenId token) { return token != LLAMA_TOKEN_NULL; }

// "<|fim_middle|>", "<｜fim▁hole｜>": a user-defined token that is markup, not a frequent piece of text.
bool looks_like_markup(std::string_view text) {
  return text.size() > 4 && text.starts_with('<') && text.ends_with('>') &&
         (text[1] == '|' || text.substr(1).starts_with("\xEF\xBD\x9C"));  // U+FF5C, DeepSeek's bar
}

}  // namespace

Vocabulary::Vocabulary(const llama_vocab* vocab, InfillOrder order) : vocab_(vocab), infill_order_(order) {
  for (const TokenId id : {llama_vocab_fim_pre(vocab), llama_vocab_fim_suf(vocab), llama_vocab_fim_mid(vocab),
                           llama_vocab_fim_pad(vocab), llama_vocab_fim_rep(vocab), llama_vocab_fim_sep(vocab)})
    if (is_set(id)) structure_.push_back(id);
  for (TokenId id = 0; id < size(); ++id) {
    const int attributes = llama_vocab_get_attr(vocab, id);
    const bool user_defined = (attributes & LLAMA_TOKEN_ATTR_USER_DEFINED) != 0;
    if (!user_defined && (attributes & LLAMA_TOKEN_ATTR_CONTROL) == 0) continue;
    const std::string text = llama_vocab_get_text(vocab, id);
    if (text.empty()) continue;
    specials_.push_back({text, id, attributes});
    const bool is_structure =
        looks_like_markup(text) || std::ranges::find(structure_, id) != structure_.end() || ends_answer(id);
    if (!user_defined || !is_structure) continue;
    guarded_.push_back(text);
    structure_.push_back(id);
  }
  std::ranges::sort(structure_);
  std::ranges::sort(specials_, [](const Special& a, const Special& b) {
    return a.text.size() != b.text.size() ? a.text.size() > b.text.size() : a.id < b.id;
  });
}

// The special token that begins first at or after `from`; of several there, the longest.
const Vocabulary::Special* Vocabulary::find_special(std::string_view text, std::size_t from, std::size_t& at) const {
  const Special* best = nullptr;
  at = std::string_view::npos;
  for (const Special& special : specials_)
    if (const std::size_t found = text.find(special.text, from); found < at) {
      at = found;
      best = &special;
    }
  return best;
}

std::size_t Vocabulary::find_guarded(std::string_view text, std::size_t from) const {
  std::size_t at = std::string_view::npos;
  for (const std::string& guarded : guarded_) at = std::min(at, text.find(guarded, from));
  return at;
}

void Vocabulary::append_unguarded(std::string_view text, std::vector<TokenId>& tokens) const {
  if (text.empty()) return;
  std::vector<TokenId> found(text.size() + 8);
  const auto tokenize_into_found = [&] {
    return llama_tokenize(vocab_, text.data(), static_cast<std::int32_t>(text.size()), found.data(),
                          static_cast<std::int32_t>(found.size()), false, false);
  };
  std::int32_t n = tokenize_into_found();
  if (n < 0) {
    found.resize(static_cast<std::size_t>(-n));
    n = tokenize_into_found();
  }
  tokens.insert(tokens.end(), found.begin(), found.begin() + std::max(n, 0));
}

// libllama makes user-defined tokens of their text in plain text too. Cutting such a text after its first character
// makes it ordinary tokens.
void Vocabulary::append_plain(std::string_view text, std::vector<TokenId>& tokens) const {
  std::size_t from = 0;
  for (std::size_t at = find_guarded(text, 0); at != std::string_view::npos; at = find_guarded(text, at + 1)) {
    append_unguarded(text.substr(from, at + 1 - from), tokens);
    from = at + 1;
  }
  append_unguarded(text.substr(from), tokens);
}

std::vector<TokenId> Vocabulary::tokenize(std::span<const TextRun> runs) const {
  std::vector<TokenId> tokens;
  std::string pending;  // text since the last special token
  bool strip_next = false;
  const auto add_text = [&](std::string_view text) {
    if (strip_next) {
      text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
      strip_next = text.empty();
    }
    pending.append(text);
  };
  for (const TextRun& run : runs) {
    std::size_t from = 0;
    while (run.trust == TextRun::Trust::markup) {
      std::size_t at = 0;
      const Special* special = find_special(run.text, from, at);
      if (special == nullptr) break;
      add_text(run.text.substr(from, at - from));
      if ((special->attributes & LLAMA_TOKEN_ATTR_LSTRIP) != 0) pending.resize(base::trim_end(pending).size());
      append_plain(pending, tokens);
      pending.clear();
      tokens.push_back(special->id);
      strip_next = (special->attributes & LLAMA_TOKEN_ATTR_RSTRIP) != 0;
      from = at + special->text.size();
    }
    add_text(run.text.substr(from));
  }
  append_plain(pending, tokens);
  return tokens;
}

std::vector<TokenId> Vocabulary::tokenize_content(std::string_view text) const {
  std::vector<TokenId> tokens;
  append_plain(text, tokens);
  return tokens;
}

std::vector<TokenId> Vocabulary::tokenize_markup(std::string_view text) const {
  const TextRun run{TextRun::Trust::markup, text};
  return tokenize({&run, 1});
}

std::string Vocabulary::bytes_of(TokenId token) const {
  std::string bytes(64, '\0');
  std::int32_t n = llama_token_to_piece(vocab_, token, bytes.data(), static_cast<std::int32_t>(bytes.size()), 0, false);
  if (n < 0) {
    bytes.resize(static_cast<std::size_t>(-n));
    n = llama_token_to_piece(vocab_, token, bytes.data(), static_cast<std::int32_t>(bytes.size()), 0, false);
  }
  bytes.resize(static_cast<std::size_t>(std::max(n, 0)));
  return bytes;
}

std::string Vocabulary::name_of(TokenId token) const {
  return is_special(token) ? llama_vocab_get_text(vocab_, token) : bytes_of(token);
}

bool Vocabulary::ends_answer(TokenId token) const { return llama_vocab_is_eog(vocab_, token); }

bool Vocabulary::is_special(TokenId token) const {
  return llama_vocab_is_control(vocab_, token) || std::ranges::binary_search(structure_, token);
}

std::optional<TokenId> Vocabulary::begin() const {
  const TokenId token = llama_vocab_bos(vocab_);
  if (!llama_vocab_get_add_bos(vocab_) || !is_set(token)) return std::nullopt;
  return token;
}

std::optional<InfillTokens> Vocabulary::infill() const {
  const TokenId prefix = llama_vocab_fim_pre(vocab_), suffix = llama_vocab_fim_suf(vocab_),
                middle = llama_vocab_fim_mid(vocab_);
  if (!is_set(prefix) || !is_set(suffix) || !is_set(middle)) return std::nullopt;
  const auto optional_token = [](TokenId id) { return is_set(id) ? std::optional(id) : std::nullopt; };
  return InfillTokens{prefix,
                      suffix,
                      middle,
                      optional_token(llama_vocab_fim_rep(vocab_)),
                      optional_token(llama_vocab_fim_sep(vocab_)),
                      infill_order_};
}

int Vocabulary::size() const { return llama_vocab_n_tokens(vocab_); }

}  // namespace oc::llama
