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

}  // namespace

base::Result<Answer> debug(ModelSession& session, const DebugRequest& request) {
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
  const std::string question = base::is_blank(request.question) ? prompt_text("debug_default") : request.question;
  task.question = prompt_text(
      "debug",
      {{"trace", std::string(base::trim_end(fenced(shortened_trace(text, session), "text")))}, {"request", question}});
  return ask(session, task);
}

}  // namespace oc::tasks
