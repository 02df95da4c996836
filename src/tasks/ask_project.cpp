// SPDX-License-Identifier: Apache-2.0
#include "tasks/ask_project.hpp"

#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {

base::Result<CitedAnswer> ask_project(ModelSession& session, Project& project, const std::string& question) {
  CitationSources sources{{}, project.options().workspace, project.options().file_limit};
  ChatTask task;
  task.project = &project;
  task.about.text = question;
  task.question = prompt_text("ask", {{"question", question}});
  task.line_numbers = LineNumbers::shown;
  task.shown = [&sources](const std::vector<context::Piece>& pieces) { sources.shown = pieces; };
  CitedAnswer cited;
  OC_TRY(cited.answer, ask(session, task));
  cited.citations = check_citations(cited.answer.text, sources);
  return cited;
}

}  // namespace oc::tasks
