// SPDX-License-Identifier: Apache-2.0
#include "inference/chat_format.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "llama/chat_template.hpp"

namespace oc::inference {
namespace {

using llama::TextRun;
using Run = ChatFormat::Run;

// Stands for message i while the template is applied: letters only, so that no template trims or changes it.
std::string placeholder(std::size_t i) { return fmt::format("OCMESSAGE{}END", i); }

std::vector<llama::ChatMessage> joined_messages(const protocol::ChatPrompt& prompt) {
  std::vector<llama::ChatMessage> messages;
  for (const protocol::Segment& segment : prompt.segments) {
    const std::string role(protocol::to_string(segment.role));
    if (!messages.empty() && messages.back().role == role) messages.back().text += segment.text;
    else messages.push_back({role, segment.text});
  }
  return messages;
}

std::optional<std::string> apply_to_placeholders(const std::string& chat_template,
                                                 std::span<const llama::ChatMessage> messages) {
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

void append_file(std::vector<llama::TokenId>& tokens, llama::TokenId file_token, const llama::Vocabulary& vocabulary,
                 const std::string& path, const std::string& text) {
  tokens.push_back(file_token);
  const auto content = vocabulary.tokenize_content(path + "\n" + text);
  tokens.insert(tokens.end(), content.begin(), content.end());
}

base::Result<std::vector<llama::TokenId>> encode_infill(const protocol::InfillPrompt& prompt,
                                                        const llama::Vocabulary& vocabulary) {
  const auto infill = vocabulary.infill();
  if (!infill)
    return base::fail(base::ErrorKind::model,
                      "the model has no fill-in-the-middle tokens, so it cannot complete at a cursor",
                      "use a model that has them, such as Qwen2.5-Coder, or ask with 'offline-coder gen'");
  std::vector<llama::TokenId> tokens;
  const auto append = [&](std::string_view text) {
    const auto content = vocabulary.tokenize_content(text);
    tokens.insert(tokens.end(), content.begin(), content.end());
  };
  std::string before;  // other files, for vocabularies without the repository layout
  if (!prompt.files.empty() && infill->file) {
    if (infill->repository && !prompt.repository.empty()) {
      tokens.push_back(*infill->repository);
      append(prompt.repository + "\n");
    }
    for (const auto& file : prompt.files) append_file(tokens, *infill->file, vocabulary, file.path, file.text);
    append_file(tokens, *infill->file, vocabulary, prompt.path, "");
  } else {
    for (const auto& file : prompt.files) before += "#" + file.path + "\n" + file.text;
    if (!before.empty()) before += "#" + prompt.path + "\n";
  }
  tokens.push_back(infill->prefix);
  append(before + prompt.prefix);
  tokens.push_back(infill->suffix);
  append(prompt.suffix);
  tokens.push_back(infill->middle);
  return tokens;
}

std::vector<llama::TokenId> encode_chat(const protocol::ChatPrompt& prompt, const ChatFormat& format,
                                        const llama::Vocabulary& vocabulary) {
  const std::vector<Run> rendered = format.render(prompt);
  std::vector<TextRun> runs;
  for (const Run& run : rendered) runs.push_back({run.trust, run.text});
  return vocabulary.tokenize(runs);
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
  std::vector<llama::ChatMessage> messages = joined_messages(prompt);
  std::optional<std::string> form;
  if (!template_.empty()) form = apply_to_placeholders(template_, messages);
  // Some templates have no place for a system message: then it opens the first user message.
  if (form && messages.size() > 1 && messages[0].role == "system" && form->find(placeholder(0)) == std::string::npos) {
    messages[1].text = messages[0].text + "\n\n" + messages[1].text;
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
    runs.push_back({TextRun::Trust::markup, form->substr(from, at - from)});
    runs.push_back({TextRun::Trust::content, messages[i].text});
    from = at + name.size();
  }
  runs.push_back({TextRun::Trust::markup, form->substr(from)});
  runs.push_back({TextRun::Trust::content, prompt.answer_start});
  return runs;
}

base::Result<std::vector<llama::TokenId>> encode_prompt(const protocol::Prompt& prompt, const ChatFormat& format,
                                                        const llama::Vocabulary& vocabulary) {
  std::vector<llama::TokenId> tokens;
  if (const auto* chat = std::get_if<protocol::ChatPrompt>(&prompt)) tokens = encode_chat(*chat, format, vocabulary);
  else if (const auto* raw = std::get_if<protocol::RawPrompt>(&prompt)) tokens = vocabulary.tokenize_content(raw->text);
  else {
    OC_TRY(tokens, encode_infill(std::get<protocol::InfillPrompt>(prompt), vocabulary));
  }
  // Templates of some models write the begin token themselves.
  if (const auto begin = vocabulary.begin(); begin && (tokens.empty() || tokens.front() != *begin))
    tokens.insert(tokens.begin(), *begin);
  return tokens;
}

}  // namespace oc::inference
