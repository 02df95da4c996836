// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/text.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/explain_parts.hpp"
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

context::PieceRequest make_piece_request(const Project* project, const std::vector<FilePart>& parts,
                                         const std::string& words) {
  context::PieceRequest request;
  request.text = words;
  for (const FilePart& part : parts) {
    const auto path = project == nullptr ? std::nullopt : project->path_in_index(part.file.path);
    if (path) request.focus.push_back({*path, part.lines});
  }
  return request;
}

base::Result<Answer> explain(ModelSession& session, const ExplainRequest& request) {
  ChatTask task;
  std::vector<FilePart> parts = request.files;
  if (!request.text.empty()) {
    FilePart piped;
    piped.file.shown_path = looks_like_diff(request.text) ? "change.diff" : "input.txt";
    piped.file.path = base::path_from_utf8(piped.file.shown_path);
    piped.file.text = request.text;
    parts.push_back(std::move(piped));
  }
  task.pieces = make_pieces(parts);
  if (!request.text.empty()) task.pieces.back().reason = "standard input";
  std::string question = request.question;
  if (base::is_blank(question)) {
    if (task.pieces.empty())
      return base::fail(base::ErrorKind::usage, "there is nothing to explain",
                        "name a file with --file, ask a question, or pipe text in");
    const bool only_a_change = request.files.empty() && looks_like_diff(request.text);
    question = prompt_text(only_a_change ? "explain_change_default" : "explain_default");
  }
  task.project = request.project;
  task.about = make_piece_request(request.project, request.files, request.question + "\n" + request.text);
  task.question = prompt_text("explain", {{"request", question}});
  OC_TRY(const bool fits, fits_in_one_prompt(session, task));
  if (!fits && !parts.empty()) return explain_in_parts(session, {parts, question, request.project});
  return ask(session, task);
}

}  // namespace oc::tasks
