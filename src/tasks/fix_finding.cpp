// SPDX-License-Identifier: Apache-2.0
#include "tasks/fix_finding.hpp"

#include <fmt/format.h>

#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

std::string as_list(const std::vector<quality::Finding>& findings) {
  std::string list;
  for (const quality::Finding& finding : findings) list += fmt::format("- {} ({})\n", finding.message, finding.rule);
  return list;
}

ChatTask make_question(const FixFindingRequest& request) {
  const quality::Finding& first = request.findings.front();
  const FilePart part{request.file.file, std::nullopt};
  ChatTask task;
  task.pieces = make_pieces({part});
  task.project = request.project;
  task.about = make_piece_request(request.project, {part}, first.symbol + "\n" + first.quote);
  task.question = prompt_text("fix_finding", {{"path", part.file.shown_path},
                                              {"line", std::to_string(first.lines.first.value)},
                                              {"quote", first.quote},
                                              {"findings", as_list(request.findings)},
                                              {"form", prompt_text("edit_form")}});
  return task;
}

std::vector<FilePart> parts_around(const FixFindingRequest& request) {
  ReviewedFile file = request.file;
  file.changed = std::vector{request.findings.front().lines};
  std::vector<FilePart> parts;
  for (const base::LineRange& range : shown_ranges(file)) parts.push_back({file.file, range});
  return parts;
}

}  // namespace

base::Result<VerifiedEdit> fix_finding(ModelSession& session, const FixFindingRequest& request, EditTask edit) {
  edit.chat = make_question(request);
  OC_TRY(const bool fits, fits_in_one_prompt(session, edit.chat));
  if (!fits) edit.chat.pieces = make_pieces(parts_around(request));
  for (context::Piece& piece : edit.chat.pieces) piece.reason = "what the finding is about";
  edit.placement.file = request.file.file.path;
  edit.seen.push_back({request.file.file.path, request.file.file.bytes});
  return make_verified_edit(session, edit);
}

}  // namespace oc::tasks
