// SPDX-License-Identifier: Apache-2.0
// Chat templates that libllama knows: it recognises a model's Jinja source and writes that format itself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace oc::llama {

struct ChatMessage {
  std::string role;  // "system", "user", "assistant"
  std::string text;
};

// The conversation in the format of `chat_template` (Jinja source or a built-in name), ending where the assistant's
// answer begins. nullopt when libllama does not know the template.
std::optional<std::string> apply_chat_template(const std::string& chat_template, std::span<const ChatMessage> messages);
// "chatml", "deepseek", …: names apply_chat_template takes.
std::vector<std::string> builtin_chat_templates();

}  // namespace oc::llama
