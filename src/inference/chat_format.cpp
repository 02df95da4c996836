// SPDX-License-Identifier: Apache-2.0
#include "inference/chat_format.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "llama/chat_template.hpp"

namespace oc::inference {
namespace {

using Run = ChatFormat::Run;

// Stands for message i while the template is applied: letters only, so that no template trims or changes it.
std::string placeholder(std::size_t i) { return fmt::format("OCMESSAGE{}END", i); }

struct Message {
  std::string role;
  std::vector<std::string> segments;
};

std::vector<Message> joined_messages(const protocol::ChatPrompt& prompt) {
  std::vector<Message> messages;
  for (const protocol::Segment& segment : prompt.segments) {
    const std::string role(protocol::to_string(segment.role));
    if (messages.empty() || messages.back().role != role) messages.push_back({role, {}});
    messages.back().segments.push_back(segment.text);
  }
  return messages;
}

std::optional<std::string> apply_to_placeholders(const std::string& chat_template, std::span<const Message> messages) {
  std::vector<llama::ChatMessage> stand_ins;
  for (std::size_t i = 0; i < messages.size(); ++i) stand_ins.push_back({messages[i].role, placeholder(i)});
  return llama::apply_chat_template(chat_template, stand_ins);
}

// Text for models without any template.
std::string plain_form(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += placeholder(i) + "\n\n";
  return text;
}

std::string find_builtin_name(const std::string& chat_template) {
  const std::vector<llama::ChatMessage> sample{
      {"system", "SYS"}, {"user", "ASK"}, {"assistant", "SAY"}, {"user", "MORE"}};
  const auto own = llama::apply_chat_template(chat_template, sample);
  if (!own) return {};
  for (const std::string& name : llama::builtin_chat_templates())
    if (llama::apply_chat_template(name, sample) == own) return name;
  return "other";
}

}  // namespace

ChatFormat ChatFormat::find(const std::string& chat_template, const llama::Vocabulary& vocabulary) {
  ChatFormat format;
  if (!chat_template.empty()) {
    format.name_ = find_builtin_name(chat_template);
    if (!format.name_.empty()) {
      format.template_ = chat_template;
      return format;
    }
  }
  if (vocabulary.tokenize_markup("<|im_start|><|im_end|>").size() == 2) format.template_ = "chatml";
  return format;
}

std::vector<Run> ChatFormat::render(const protocol::ChatPrompt& prompt) const {
  std::vector<Message> messages = joined_messages(prompt);
  std::optional<std::string> form;
  if (!template_.empty()) form = apply_to_placeholders(template_, messages);
  // Some templates have no place for a system message: then it opens the first user message.
  if (form && messages.size() > 1 && messages[0].role == "system" && form->find(placeholder(0)) == std::string::npos) {
    auto& opened = messages[1].segments;
    messages[0].segments.emplace_back("\n\n");
    opened.insert(opened.begin(), messages[0].segments.begin(), messages[0].segments.end());
    messages.erase(messages.begin());
    form = apply_to_placeholders(template_, messages);
  }
  if (!form) form = plain_form(messages.size());

  std::vector<Run> runs;
  std::size_t from = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string name = placeholder(i);
    const std::size_t at = form->find(name, from);
    if (at == std::string::npos) continue;
    runs.push_back({Run::Kind::markup, form->substr(from, at - from)});
    const auto kind =
        messages[i].role == protocol::to_string(protocol::Role::assistant) ? Run::Kind::answer : Run::Kind::content;
    for (const std::string& segment : messages[i].segments) runs.push_back({kind, segment});
    from = at + name.size();
  }
  runs.push_back({Run::Kind::markup, form->substr(from)});
  runs.push_back({Run::Kind::answer, prompt.answer_start});
  return runs;
}

}  // namespace oc::inference
