// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "context/trace_pieces.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

// A crash can print megabytes; what says most is the beginning (compilers) and the end (everything else).
constexpr std::size_t k_trace_head = 2000;
constexpr std::size_t k_trace_tail = 4000;

std::string shortened_trace(const std::string& text, ModelSession& session) {
  if (text.size() <= k_trace_head + k_trace_tail) return text;
  const std::size_t head_end = text.rfind('\n', k_trace_head);
  const std::size_t tail_start = text.find('\n', text.size() - k_trace_tail);
  const std::string head = text.substr(0, head_end == std::string::npos ? k_trace_head : head_end + 1);
  const std::string tail = text.substr(tail_start == std::string::npos ? text.size() - k_trace_tail : tail_start + 1);
  const std::size_t left_out = text.size() - head.size() - tail.size();
  session.tell(Note{fmt::format("the error text has {}, {} in its middle are left out",
                                base::format_bytes(base::ByteCount(static_cast<std::int64_t>(text.size()))),
                                base::format_bytes(base::ByteCount(static_cast<std::int64_t>(left_out))))});
  return base::replace_invalid_utf8(fmt::format("{}\n[… {} bytes left out …]\n{}", head, left_out, tail));
}

std::vector<context::SourceFile> named_files(const std::vector<FilePart>& parts) {
  std::vector<context::SourceFile> files;
  for (const FilePart& part : parts) files.push_back(part.file);
  return files;
}

// The question with everything it needs; `form` is the prompt that says how to answer.
base::Result<ChatTask> make_debug_task(ModelSession& session, const DebugRequest& request, std::string_view form) {
  const std::string text(base::trim(base::filter_controls(request.trace)));
  if (text.empty())
    return base::fail(base::ErrorKind::usage, "there is no error to look at",
                      "give it with --error TEXT, or pipe the program's output in");
  const context::Trace trace = context::parse_trace(text);
  ChatTask task;
  task.pieces = make_pieces(request.files);
  OC_TRY(auto found,
         context::load_trace_pieces(trace, request.workspace, named_files(request.files), request.file_limit));
  for (const std::string& note : found.notes) session.tell(Note{note});
  for (context::Piece& piece : found.pieces) task.pieces.push_back(std::move(piece));
  task.project = request.project;
  task.about = make_piece_request(request.project, request.files,
                                  request.question + "\n" + text.substr(0, k_trace_head + k_trace_tail));
  for (const context::Piece& piece : task.pieces)
    if (piece.need == context::Need::optional && !piece.path.empty())
      task.about.focus.push_back({piece.path, piece.lines});
  const std::string how = prompt_text(form);
  const bool has_question = !base::is_blank(request.question);
  const bool is_edit = form == "edit_form";
  const std::string question = !has_question ? how : is_edit ? request.question + "\n" + how : request.question;
  task.question = prompt_text(
      "debug",
      {{"trace", std::string(base::trim_end(fenced(shortened_trace(text, session), "text")))}, {"request", question}});
  return task;
}

// The one file that the pieces are from; nullopt when there are several.
std::optional<base::Path> only_file(const ChatTask& task, const base::Path& workspace) {
  std::optional<base::Path> file;
  for (const context::Piece& piece : task.pieces) {
    if (piece.path.empty()) continue;
    const base::Path path = (workspace / base::path_from_utf8(piece.path)).lexically_normal();
    if (file && *file != path) return std::nullopt;
    file = path;
  }
  return file;
}

// Files that were changed before stand in the prompt as they will be, whole.
void show_as_changed(std::vector<context::Piece>& pieces, const std::vector<edit::FileChange>& so_far) {
  for (const edit::FileChange& file : so_far) {
    std::erase_if(pieces, [&](const context::Piece& piece) { return piece.path == file.shown; });
    if (!file.after) continue;
    context::Piece piece;
    piece.path = file.shown;
    piece.text = base::replace_invalid_utf8(base::to_lf(*file.after));
    piece.lines.last = base::LineNumber(std::max<std::int64_t>(1, context::count_lines(piece.text)));
    piece.reason = "changed already";
    pieces.push_back(std::move(piece));
  }
}

}  // namespace

base::Result<Answer> debug(ModelSession& session, const DebugRequest& request) {
  OC_TRY(const ChatTask task, make_debug_task(session, request, "debug_default"));
  return ask(session, task);
}

base::Result<VerifiedEdit> debug_and_fix(ModelSession& session, const DebugRequest& request, EditTask edit) {
  std::vector<Exchange> exchanges = std::move(edit.chat.exchanges);
  OC_TRY(edit.chat, make_debug_task(session, request, "edit_form"));
  edit.chat.exchanges = std::move(exchanges);
  show_as_changed(edit.chat.pieces, edit.placement.so_far);
  edit.gate.old_failures = OldFailures::counted;
  if (!edit.placement.file) edit.placement.file = only_file(edit.chat, request.workspace);
  for (const FilePart& part : request.files) edit.seen.push_back({part.file.path, part.file.bytes});
  return make_verified_edit(session, edit);
}

}  // namespace oc::tasks
