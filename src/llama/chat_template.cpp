// SPDX-License-Identifier: Apache-2.0
#include "llama/chat_template.hpp"

#include <llama.h>

namespace oc::llama {

std::optional<std::string> apply_chat_template(const std::string& chat_template,
                                               std::span<const ChatMessage> messages) {
  std::vector<llama_chat_message> plain;
  std::size_t length = 256;
  for (const ChatMessage& m : messages) {
    plain.push_back({m.role.c_str(), m.text.c_str()});
    length += 2 * m.text.size() + 64;
  }
  std::string out(length, '\0');
  const auto apply = [&] {
    return llama_chat_apply_template(chat_template.c_str(), plain.data(), plain.size(), true, out.data(),
                                     static_cast<std::int32_t>(out.size()));
  };
  std::int32_t n = apply();
  if (n < 0) return std::nullopt;
  if (static_cast<std::size_t>(n) > out.size()) {
    out.resize(static_cast<std::size_t>(n));
    n = apply();
  }
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::vector<std::string> builtin_chat_templates() {
  std::vector<const char*> names(static_cast<std::size_t>(llama_chat_builtin_templates(nullptr, 0)));
  llama_chat_builtin_templates(names.data(), names.size());
  return {names.begin(), names.end()};
}

}  // namespace oc::llama
