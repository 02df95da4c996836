// SPDX-License-Identifier: Apache-2.0
#include "inference/prompt_encoding.hpp"

#include <span>
#include <string>

namespace oc::inference {
namespace {

using llama::TextRun;
using llama::TokenId;
using Run = ChatFormat::Run;

void append(std::vector<TokenId>& tokens, std::span<const TokenId> more) {
  tokens.insert(tokens.end(), more.begin(), more.end());
}

// Where the content runs begin, in tokens. Texts of tokens are counted; where they do not add up to the text (some
// vocabularies add blanks) nothing is said.
std::vector<std::size_t> find_run_starts(std::span<const Run> runs, std::span<const TokenId> tokens,
                                         const llama::Vocabulary& vocabulary) {
  std::vector<std::size_t> token_starts;  // in bytes
  std::size_t bytes = 0;
  for (const TokenId token : tokens) {
    token_starts.push_back(bytes);
    bytes += vocabulary.name_of(token).size();
  }
  std::vector<std::size_t> starts;
  std::size_t text = 0, index = 0;
  for (const Run& run : runs) {
    while (index < tokens.size() && token_starts[index] < text) ++index;
    // A token that reaches over the border belongs to what follows.
    const bool is_border = index < tokens.size() && token_starts[index] == text;
    if (run.kind != Run::Kind::markup && text > 0 && !run.text.empty()) starts.push_back(is_border ? index : index - 1);
    text += run.text.size();
  }
  if (text != bytes) starts.clear();
  return starts;
}

// Templates of some models write the begin token themselves.
void begin_prompt(EncodedPrompt& encoded, const llama::Vocabulary& vocabulary) {
  const auto begin = vocabulary.begin();
  if (!begin || (!encoded.tokens.empty() && encoded.tokens.front() == *begin)) return;
  encoded.tokens.insert(encoded.tokens.begin(), *begin);
  for (std::size_t& start : encoded.segments) ++start;
}

// Runs that follow each other are one text to the tokenizer.
void append_runs(std::span<const Run> runs, const llama::Vocabulary& vocabulary, EncodedPrompt& encoded) {
  std::vector<TextRun> texts;
  for (const Run& run : runs)
    texts.push_back({run.kind == Run::Kind::markup ? TextRun::Trust::markup : TextRun::Trust::content, run.text});
  const std::vector<TokenId> tokens = vocabulary.tokenize(texts);
  for (const std::size_t start : find_run_starts(runs, tokens, vocabulary))
    encoded.segments.push_back(encoded.tokens.size() + start);
  append(encoded.tokens, tokens);
}

EncodedPrompt encode_chat(const protocol::ChatPrompt& prompt, const ChatFormat& format,
                          const llama::Vocabulary& vocabulary, const FindAnswer& find_answer) {
  const std::vector<Run> runs = format.render(prompt);
  EncodedPrompt encoded;
  std::size_t done = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].kind != Run::Kind::answer || runs[i].text.empty() || !find_answer) continue;
    EncodedPrompt before = encoded;
    append_runs(std::span(runs).subspan(done, i - done), vocabulary, before);
    begin_prompt(before, vocabulary);
    const auto answer = find_answer(before, runs[i].text);
    if (!answer) continue;
    encoded = std::move(before);
    const std::size_t begin = encoded.tokens.size();
    if (answer->given > 0) encoded.segments.push_back(begin);
    encoded.answers.push_back({begin + answer->given, begin + answer->tokens.size()});
    append(encoded.tokens, answer->tokens);
    done = i + 1;
  }
  append_runs(std::span(runs).subspan(done), vocabulary, encoded);
  return encoded;
}

void append_file(EncodedPrompt& encoded, TokenId file_token, const llama::Vocabulary& vocabulary,
                 const std::string& path, const std::string& text) {
  encoded.segments.push_back(encoded.tokens.size());
  encoded.tokens.push_back(file_token);
  append(encoded.tokens, vocabulary.tokenize_content(path + "\n" + text));
}

base::Result<EncodedPrompt> encode_infill(const protocol::InfillPrompt& prompt, const llama::Vocabulary& vocabulary) {
  const auto infill = vocabulary.infill();
  if (!infill)
    return base::fail(base::ErrorKind::model,
                      "the model has no fill-in-the-middle tokens, so it cannot complete at a cursor",
                      "use a model that has them, such as Qwen2.5-Coder, or ask with 'offline-coder gen'");
  EncodedPrompt encoded;
  std::string before;  // other files, for vocabularies without the repository layout
  if (!prompt.files.empty() && infill->file) {
    if (infill->repository && !prompt.repository.empty()) {
      encoded.tokens.push_back(*infill->repository);
      append(encoded.tokens, vocabulary.tokenize_content(prompt.repository + "\n"));
    }
    for (const auto& file : prompt.files) append_file(encoded, *infill->file, vocabulary, file.path, file.text);
    append_file(encoded, *infill->file, vocabulary, prompt.path, "");
  } else {
    for (const auto& file : prompt.files) before += "#" + file.path + "\n" + file.text;
    if (!before.empty()) before += "#" + prompt.path + "\n";
  }
  const auto append_text = [&](const std::string& text) { append(encoded.tokens, vocabulary.tokenize_content(text)); };
  encoded.segments.push_back(encoded.tokens.size());
  encoded.tokens.push_back(infill->prefix);
  if (infill->order == llama::InfillOrder::prefix_first) append_text(before + prompt.prefix);
  encoded.tokens.push_back(infill->suffix);
  append_text(prompt.suffix);
  encoded.tokens.push_back(infill->middle);
  if (infill->order == llama::InfillOrder::suffix_first) append_text(before + prompt.prefix);
  return encoded;
}

}  // namespace

base::Result<EncodedPrompt> encode_prompt(const protocol::Prompt& prompt, const ChatFormat& format,
                                          const llama::Vocabulary& vocabulary, const FindAnswer& find_answer) {
  EncodedPrompt encoded;
  if (const auto* chat = std::get_if<protocol::ChatPrompt>(&prompt)) {
    encoded = encode_chat(*chat, format, vocabulary, find_answer);
  } else if (const auto* raw = std::get_if<protocol::RawPrompt>(&prompt)) {
    encoded.tokens = vocabulary.tokenize_content(raw->text);
  } else {
    OC_TRY(encoded, encode_infill(std::get<protocol::InfillPrompt>(prompt), vocabulary));
  }
  begin_prompt(encoded, vocabulary);
  return encoded;
}

}  // namespace oc::inference
