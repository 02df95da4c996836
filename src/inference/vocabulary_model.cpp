// SPDX-License-Identifier: Apache-2.0
#include "inference/vocabulary_model.hpp"

#include "inference/prompt_encoding.hpp"

namespace oc::inference {

base::Result<base::TokenCount> count_prompt(const protocol::Prompt& prompt, const ChatFormat& format,
                                            const llama::Vocabulary& vocabulary) {
  OC_TRY(const EncodedPrompt encoded, encode_prompt(prompt, format, vocabulary));
  return base::TokenCount(static_cast<std::int64_t>(encoded.tokens.size()));
}

std::vector<protocol::Token> list_tokens(const std::string& text, protocol::ParseSpecial special,
                                         const llama::Vocabulary& vocabulary) {
  const auto ids =
      special == protocol::ParseSpecial::yes ? vocabulary.tokenize_markup(text) : vocabulary.tokenize_content(text);
  std::vector<protocol::Token> tokens;
  for (const llama::TokenId id : ids) tokens.push_back({id, vocabulary.name_of(id)});
  return tokens;
}

VocabularyModel::VocabularyModel(llama::Model model)
    : model_(std::move(model)), format_(ChatFormat::find(model_.chat_template(), model_.vocabulary())) {}

base::Result<base::TokenCount> VocabularyModel::count(const protocol::Prompt& prompt) const {
  return count_prompt(prompt, format_, model_.vocabulary());
}

std::vector<protocol::Token> VocabularyModel::tokenize(const std::string& text, protocol::ParseSpecial special) const {
  return list_tokens(text, special, model_.vocabulary());
}

}  // namespace oc::inference
