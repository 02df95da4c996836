// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "syntax/language.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

struct TargetLanguage {
  std::string name;   // for the prompt
  std::string fence;  // the word after ```
};

TargetLanguage language_of(const GenerateRequest& request) {
  const syntax::Language* language = nullptr;
  if (!request.language.empty()) {
    language = syntax::find_language(request.language);
    if (language == nullptr) return {request.language, ""};
  } else if (request.target) {
    language = syntax::find_language_of_file(*request.target);
  } else if (!request.files.empty()) {
    language = syntax::find_language_of_file(request.files.front().file.path);
  }
  if (language == nullptr) return {};
  return {std::string(language->id), std::string(language->fence)};
}

}  // namespace

base::Result<Answer> generate_code(ModelSession& session, const GenerateRequest& request) {
  if (base::is_blank(request.request)) return base::fail(base::ErrorKind::usage, "there is no prompt", "say what to write, or pass '-' to read it from standard input");
  const TargetLanguage language = language_of(request);
  ChatTask task;
  task.pieces = make_pieces(request.files);
  // The answer is begun as a code block and ends with its fence: code alone, whatever the model likes to say around it.
  task.answer_start = "```" + language.fence + "\n";
  task.stop = {"\n```"};
  const bool rewrites = request.target && !request.files.empty() && request.files.front().file.path == *request.target;
  const std::string shown = rewrites ? request.files.front().file.shown_path : "";
  const std::string name = language.name.empty() ? "as fits" : language.name;
  task.question = rewrites ? prompt_text("generate_in_file", {{"request", request.request}, {"language", name}, {"path", shown}})
                           : prompt_text("generate", {{"request", request.request}, {"language", name}});
  OC_TRY(Answer answer, ask(session, task));
  answer.code = edit::code_only(task.answer_start + answer.text + "\n```\n");
  if (base::is_blank(answer.code) && answer.stop != protocol::StopReason::cancelled)
    return base::fail(base::ErrorKind::negative, "the model wrote no code", "say more about what you want, or use a larger model");
  return answer;
}

}  // namespace oc::tasks
