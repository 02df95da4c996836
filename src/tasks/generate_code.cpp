// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "syntax/language.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_fence = 3;  // backticks of a usual one

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

// A model may end a block that began with four backticks with three: the last fence is that end if it has no partner.
std::string_view without_short_end(std::string_view text) {
  std::size_t fences = 0, last = 0;
  for (std::size_t at = 0; at < text.size(); at = std::min(text.find('\n', at), text.size() - 1) + 1)
    if (base::trim(text.substr(at, text.find('\n', at) - at)).starts_with("```")) {
      ++fences;
      last = at;
    }
  const bool is_open = fences % 2 == 1 && base::trim(text.substr(last)) == "```";
  return is_open ? base::trim_end(text.substr(0, last)) : text;
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

}  // namespace

base::Result<Answer> generate_code(ModelSession& session, const GenerateRequest& request) {
  if (base::is_blank(request.request))
    return base::fail(base::ErrorKind::usage, "there is no prompt",
                      "say what to write, or pass '-' to read it from standard input");
  const TargetLanguage language = language_of(request, session);
  ChatTask task;
  task.pieces = make_pieces(request.files);
  // The answer is begun as a code block and ends with its fence: code alone, whatever the model likes to say around it.
  // Only a bare fence ends it: one with a word after it begins a block, of a model that talks first.
  const std::string fence = fence_for(request, language);
  task.answer_start = fence + language.fence + "\n";
  task.stop = {"\n" + fence + "\n"};
  const bool rewrites = request.target && !request.files.empty() && request.files.front().file.path == *request.target;
  const std::string shown = rewrites ? request.files.front().file.shown_path : "";
  const std::string name = language.name.empty() ? "as fits" : language.name;
  task.question =
      rewrites ? prompt_text("generate_in_file", {{"request", request.request}, {"language", name}, {"path", shown}})
               : prompt_text("generate", {{"request", request.request}, {"language", name}});
  OC_TRY(Answer answer, ask(session, task));
  const std::string_view body = fence.size() > k_fence ? without_short_end(answer.text) : answer.text;
  answer.code = edit::code_only(fmt::format("{}{}\n{}\n", task.answer_start, body, fence));
  if (base::is_blank(answer.code) && answer.stop != protocol::StopReason::cancelled)
    return base::fail(base::ErrorKind::negative, "the model wrote no code",
                      "say more about what you want, or use a larger model");
  return answer;
}

}  // namespace oc::tasks
