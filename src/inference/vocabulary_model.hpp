// SPDX-License-Identifier: Apache-2.0
// What can be said about a prompt by the vocabulary alone: how many tokens it takes. Loaded in a fraction of a second,
// where the weights take several. Belongs to the inference thread.
#pragma once

#include <memory>
#include <vector>

#include "base/error.hpp"
#include "inference/chat_format.hpp"
#include "llama/model.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

class VocabularyModel {
 public:
  // `model` needs LoadScope::vocabulary only.
  explicit VocabularyModel(llama::Model model);

  base::Result<base::TokenCount> count(const protocol::Prompt& prompt) const;
  std::vector<protocol::Token> tokenize(const std::string& text, protocol::ParseSpecial special) const;

 private:
  llama::Model model_;
  ChatFormat format_;
};

base::Result<base::TokenCount> count_prompt(const protocol::Prompt& prompt, const ChatFormat& format,
                                            const llama::Vocabulary& vocabulary);
std::vector<protocol::Token> list_tokens(const std::string& text, protocol::ParseSpecial special,
                                         const llama::Vocabulary& vocabulary);

}  // namespace oc::inference
