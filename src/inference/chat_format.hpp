// SPDX-License-Identifier: Apache-2.0
// How one model spells a conversation and a gap to fill: messages → tokens.
#pragma once

#include <string>
#include <vector>

#include "base/error.hpp"
#include "llama/vocabulary.hpp"
#include "protocol/messages.hpp"

namespace oc::inference {

class ChatFormat {
 public:
  // The format of a model's own template; where libllama does not know it, ChatML if the vocabulary has its tokens,
  // else plain text.
  static ChatFormat find(const std::string& chat_template, const llama::Vocabulary& vocabulary);

  // libllama's name of the format; "" when the model has none of its own.
  const std::string& name() const { return name_; }

  // A piece of a rendered conversation; markup is ours, content is the user's, an answer is content of the assistant.
  struct Run {
    enum class Kind { markup, content, answer } kind;
    std::string text;
  };
  // Every segment is a run of its own, also where several make one message.
  std::vector<Run> render(const protocol::ChatPrompt& prompt) const;

 private:
  std::string template_;  // Jinja source or a built-in name; "" = plain text
  std::string name_;
};

}  // namespace oc::inference
