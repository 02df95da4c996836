// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

bool looks_like_diff(std::string_view text) {
  return text.starts_with("diff ") || text.starts_with("--- ") || text.find("\n@@ ") != std::string_view::npos;
}

}  // namespace

std::vector<context::Piece> make_pieces(const std::vector<FilePart>& parts) {
  std::vector<context::Piece> pieces;
  for (const FilePart& part : parts) {
    context::Piece piece;
    piece.path = part.file.shown_path;
    piece.lines = part.lines.value_or(base::LineRange{
        base::LineNumber(1), base::LineNumber(std::max<std::int64_t>(1, context::count_lines(part.file.text)))});
    piece.text = part.lines ? std::string(context::text_of_lines(part.file, *part.lines)) : part.file.text;
    piece.reason = "named on the command line";
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

base::Result<Answer> explain(ModelSession& session, const ExplainRequest& request) {
  ChatTask task;
  task.pieces = make_pieces(request.files);
  if (!request.text.empty()) {
    context::Piece piece;
    piece.path = looks_like_diff(request.text) ? "change.diff" : "input.txt";
    piece.lines.last = base::LineNumber(std::max<std::int64_t>(1, context::count_lines(request.text)));
    piece.text = request.text;
    piece.reason = "standard input";
    task.pieces.push_back(std::move(piece));
  }
  std::string question = request.question;
  if (base::is_blank(question)) {
    if (task.pieces.empty())
      return base::fail(base::ErrorKind::usage, "there is nothing to explain",
                        "name a file with --file, ask a question, or pipe text in");
    const bool only_a_change = request.files.empty() && looks_like_diff(request.text);
    question = prompt_text(only_a_change ? "explain_change_default" : "explain_default");
  }
  task.question = prompt_text("explain", {{"request", question}});
  return ask(session, task);
}

}  // namespace oc::tasks
