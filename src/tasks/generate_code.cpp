// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "syntax/language.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"
#include "tasks/verified_edit.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_fence = 3;  // backticks of a usual one
// A small model writes so much anew without losing anything; more is asked for by functions.
constexpr std::int64_t k_small_file_lines = 150;

struct TargetLanguage {
  std::string name;   // for the prompt
  std::string fence;  // the word after ```
};

// Not an error: there are more languages than the table has, and a model may know them.
std::string unknown_language(const std::string& name) {
  std::vector<std::string> known;
  for (const syntax::Language& language : syntax::languages()) known.emplace_back(language.id);
  const auto nearest = base::find_nearest(name, known);
  return fmt::format("the language {} is not known and goes to the model as it is{}", base::in_quotes(name),
                     nearest ? fmt::format("; did you mean '{}'?", *nearest) : "");
}

// Longer than every fence that will stand in the code itself, so that those do not end it.
std::string fence_for(const GenerateRequest& request, const TargetLanguage& language) {
  std::size_t inner = language.fence == "markdown" ? k_fence : 0;
  if (!request.files.empty() && request.target)
    inner = std::max(inner, longest_fence_in(request.files.front().file.text));
  return std::string(inner < k_fence ? k_fence : inner + 1, '`');
}

TargetLanguage language_of(const GenerateRequest& request, ModelSession& session) {
  const syntax::Language* language = nullptr;
  if (!request.language.empty()) {
    language = syntax::find_language(request.language);
    if (language == nullptr) {
      session.tell(Note{unknown_language(request.language)});
      return {request.language, ""};
    }
  } else if (request.target) {
    language = syntax::find_language_of_file(*request.target);
  } else if (!request.files.empty()) {
    language = syntax::find_language_of_file(request.files.front().file.path);
  }
  if (language == nullptr) return {};
  return {std::string(language->id), std::string(language->fence)};
}

// The answer is begun as a code block and ends with its fence: code alone, whatever the model likes to say around it.
// Only a bare fence ends it: one with a word after it begins a block, of a model that talks first.
bool rewrites(const GenerateRequest& request) {
  return request.target && !request.files.empty() && request.files.front().file.path == *request.target;
}

bool is_small(const context::SourceFile& file) { return context::count_lines(file.text) <= k_small_file_lines; }

std::string question_text(const GenerateRequest& request, const std::string& language) {
  if (!rewrites(request)) return prompt_text("generate", {{"request", request.request}, {"language", language}});
  const context::SourceFile& file = request.files.front().file;
  return prompt_text(is_small(file) ? "generate_in_file" : "generate_in_symbols",
                     {{"request", request.request}, {"language", language}, {"path", file.shown_path}});
}

base::Result<ChatTask> make_question(ModelSession& session, const GenerateRequest& request) {
  if (base::is_blank(request.request))
    return base::fail(base::ErrorKind::usage, "there is no prompt",
                      "say what to write, or pass '-' to read it from standard input");
  const TargetLanguage language = language_of(request, session);
  const std::string fence = fence_for(request, language);
  ChatTask task;
  task.pieces = make_pieces(request.files);
  task.answer_start = fence + language.fence + "\n";
  task.stop = {"\n" + fence + "\n"};
  task.question = question_text(request, language.name.empty() ? "as fits" : language.name);
  task.project = request.project;
  task.about = make_piece_request(request.project, request.files, request.request);
  return task;
}

}  // namespace

base::Result<Answer> generate_code(ModelSession& session, const GenerateRequest& request) {
  OC_TRY(const ChatTask task, make_question(session, request));
  OC_TRY(Answer answer, ask(session, task));
  answer.code = edit::code_only(with_answer_start(answer.text, task.answer_start));
  if (base::is_blank(answer.code) && answer.stop != protocol::StopReason::cancelled)
    return base::fail(base::ErrorKind::negative, "the model wrote no code",
                      "say more about what you want, or use a larger model");
  return answer;
}

base::Result<VerifiedEdit> generate_in_file(ModelSession& session, const GenerateRequest& request, EditTask edit) {
  OC_TRY(edit.chat, make_question(session, request));
  edit.placement.file = request.target;
  for (const FilePart& part : request.files) edit.seen.push_back({part.file.path, part.file.bytes});
  if (!rewrites(request)) edit.seen.push_back({*request.target, std::nullopt});
  const bool is_whole = !rewrites(request) || is_small(request.files.front().file);
  edit.placement.scope = is_whole ? edit::CodeScope::whole_file : edit::CodeScope::unknown;
  edit.form = is_whole ? AnswerForm::one_code : AnswerForm::edits;
  return make_verified_edit(session, edit);
}

}  // namespace oc::tasks
