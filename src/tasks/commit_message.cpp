// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_least_of_a_file = 400;  // bytes of its part of the diff

// The diff of each file, as git separates them.
std::vector<std::string> split_files(std::string_view diff) {
  std::vector<std::string> files;
  for (const std::string_view line : base::split_lines(diff)) {
    if (files.empty() || line.starts_with("diff --git ")) files.emplace_back();
    files.back().append(line).append("\n");
  }
  return files;
}

// Every file is there; of large ones the beginning.
std::string shortened(const std::vector<std::string>& files, std::size_t most_of_a_file) {
  std::string text;
  for (const std::string& file : files) {
    if (file.size() <= most_of_a_file) {
      text += file;
      continue;
    }
    const std::size_t end = file.rfind('\n', most_of_a_file);
    text += file.substr(0, end == std::string::npos ? most_of_a_file : end + 1);
    text += "[… the rest of this file is left out …]\n";
  }
  return text;
}

ChatTask make_task(const std::string& diff, const CommitMessageRequest& request) {
  const bool is_message = request.text == CommitMessageRequest::Text::commit_message;
  ChatTask task;
  task.question = prompt_text(is_message ? "commit_message" : "pr_description",
                              {{"diff", std::string(base::trim_end(fenced(diff, "diff")))},
                               {"notes", base::is_blank(request.notes) ? "" : request.notes + "\n"}});
  return task;
}

// The message without what models put around it.
std::string message_of(const std::string& answer) {
  const std::string text = edit::find_code_blocks(answer).empty() ? answer : edit::code_only(answer);
  return std::string(base::trim(text)) + "\n";
}

}  // namespace

base::Result<Answer> write_commit_message(ModelSession& session, const CommitMessageRequest& request) {
  const std::vector<std::string> files = split_files(base::replace_invalid_utf8(request.diff));
  std::size_t most = 0;
  for (const std::string& file : files) most = std::max(most, file.size());
  ChatTask task = make_task(shortened(files, most), request);
  bool is_cut = false;
  while (true) {
    OC_TRY(const bool fits, fits_in_one_prompt(session, task));
    if (fits) break;
    if (most <= k_least_of_a_file)
      return base::fail(base::ErrorKind::too_large, "the change is larger than the context window",
                        request.text == CommitMessageRequest::Text::commit_message
                            ? "stage less at a time"
                            : "pipe the diff of a part of it in");
    most = std::max(k_least_of_a_file, most * 2 / 3);
    is_cut = true;
    task = make_task(shortened(files, most), request);
  }
  if (is_cut) session.tell(Note{fmt::format("the change is large: of each file the model saw {} bytes at most", most)});
  OC_TRY(Answer answer, ask(session, task));
  answer.code = message_of(answer.text);
  return answer;
}

}  // namespace oc::tasks
