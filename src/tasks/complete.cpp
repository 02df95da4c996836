// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "context/completion_window.hpp"
#include "syntax/language.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/completion_syntax.hpp"
#include "tasks/token_counter.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;

// Prefill is the wait, and what is far from the cursor helps little: a window of this size at most.
constexpr std::int64_t k_window_tokens = 2048;
// … of which the project's other files may take this much.
constexpr std::int64_t k_project_tokens = 512;
constexpr int k_lines_looked_at = 40;
// Special tokens and the joints between prefix, suffix and answer.
constexpr std::int64_t k_margin_tokens = 16;

base::Result<void> check_infill(const protocol::ModelFacts& facts) {
  if (facts.infill) return {};
  return base::fail(base::ErrorKind::model,
                    fmt::format("{} has no fill-in-the-middle tokens, so it cannot complete at a cursor",
                                base::in_quotes(facts.name)),
                    "use a model that has them, such as Qwen2.5-Coder, or ask with 'offline-coder gen'");
}

void tell_what_was_left_out(ModelSession& session, const context::CompletionWindow& window) {
  if (window.lines_left_out_above + window.lines_left_out_below == 0) return;
  session.tell(Note{fmt::format("far from the cursor, {} lines above and {} below are left out",
                                window.lines_left_out_above, window.lines_left_out_below)});
}

// What of the project helps at the cursor: what the lines before it name and use, and what looks like them. Taken from
// whole lines some way up, so that the same files come with the next keystroke and their prefill is not lost.
base::Result<Project::Context> choose_from_project(ModelSession& session, const CompleteRequest& request,
                                                   std::string_view prefix) {
  Project::Context none;
  if (request.project == nullptr || !session.loaded().facts.repository_infill) return none;
  const auto path = request.project->path_in_index(request.file.path);
  if (!path) return none;
  context::PieceRequest about;
  std::size_t begin = prefix.size();
  for (int lines = 0; lines < k_lines_looked_at && begin > 0; ++lines) {
    const std::size_t newline = prefix.rfind('\n', begin - 1);
    begin = newline == std::string_view::npos ? 0 : newline;
    if (begin == 0) break;
  }
  about.text = prefix.substr(begin, prefix.rfind('\n') == std::string_view::npos ? 0 : prefix.rfind('\n') - begin);
  about.focus.push_back({*path, std::nullopt});
  return without_index_errors(session,
                              request.project->choose_pieces(about, TokenCount(k_project_tokens), text_counter(session),
                                                             tokenizer_name(session.model())));
}

// By path: the order does not change with the score of the day.
std::vector<protocol::NamedText> named_texts(std::vector<context::Piece> pieces) {
  std::ranges::stable_sort(pieces, {}, [](const context::Piece& p) { return std::pair(p.path, p.lines.first); });
  std::vector<protocol::NamedText> texts;
  for (context::Piece& piece : pieces) texts.push_back({std::move(piece.path), std::move(piece.text)});
  return texts;
}

context::Selection ledger_of(const CompleteRequest& request, const context::CompletionWindow& window,
                             std::int64_t budget) {
  const std::int64_t lines = std::max<std::int64_t>(1, context::count_lines(request.file.text));
  context::Selection ledger;
  ledger.budget = TokenCount(budget);
  ledger.used = window.prefix_tokens + window.suffix_tokens;
  const base::LineRange shown{base::LineNumber(1 + window.lines_left_out_above),
                              base::LineNumber(lines - window.lines_left_out_below)};
  ledger.items.push_back({request.file.shown_path, shown, ledger.used, "around the cursor"});
  if (window.lines_left_out_above > 0)
    ledger.dropped.push_back({request.file.shown_path,
                              {base::LineNumber(1), base::LineNumber(window.lines_left_out_above)},
                              {},
                              "far above the cursor"});
  if (window.lines_left_out_below > 0)
    ledger.dropped.push_back({request.file.shown_path,
                              {base::LineNumber(lines - window.lines_left_out_below + 1), base::LineNumber(lines)},
                              {},
                              "far below the cursor"});
  return ledger;
}

}  // namespace

base::Result<Answer> complete(ModelSession& session, const CompleteRequest& request) {
  OC_CHECK(check_infill(session.loaded().facts));
  OC_TRY(const context::CursorText cursor, context::split_at_cursor(request.file, request.line, request.column));
  const std::int64_t limit = session.loaded().context_tokens;
  const TokenCount max_tokens(std::min<std::int64_t>(request.max_tokens.value, limit / 4));
  OC_TRY(Project::Context project, choose_from_project(session, request, cursor.prefix));
  const std::int64_t budget =
      std::min(k_window_tokens, limit - max_tokens.value - k_margin_tokens) - project.ledger.used.value;
  OC_TRY(const auto window,
         context::trim_window(cursor.prefix, cursor.suffix, TokenCount(budget), [&](std::string_view text) {
           return session.count(protocol::RawPrompt{std::string(text)});
         }));
  tell_what_was_left_out(session, window);
  context::Selection ledger = ledger_of(request, window, budget);
  ledger.budget += project.ledger.used;
  ledger.used += project.ledger.used;
  ledger.items.insert(ledger.items.end(), project.ledger.items.begin(), project.ledger.items.end());
  ledger.dropped.insert(ledger.dropped.end(), project.ledger.dropped.begin(), project.ledger.dropped.end());
  session.tell(ContextChosen{ledger});

  ModelSession::Request ask;
  const std::string repository =
      request.project == nullptr ? "" : base::to_utf8(request.project->options().workspace.filename());
  ask.prompt = protocol::InfillPrompt{window.prefix, window.suffix, request.file.shown_path, repository,
                                      named_texts(std::move(project.pieces))};
  ask.max_tokens = max_tokens;
  ask.priority = protocol::Priority::completion;
  ask.reuse = request.reuse;
  const auto trimmed = [&](std::string_view raw) {
    return trim_completion(raw, cursor.prefix, cursor.suffix, request.shape);
  };
  if (request.shape == CompletionShape::single_line) ask.stop = {"\n"};
  // What the trimming would throw away again is not worth waiting for: once a whole line is cut off, the rest is too.
  ask.wants_more = [&](std::string_view so_far) {
    const std::size_t kept = trimmed(so_far).size();
    return kept >= so_far.size() || base::is_blank(so_far.substr(kept)) ||
           so_far.substr(kept).find('\n', 1) == std::string_view::npos;
  };
  OC_TRY(Answer answer, session.answer(ask));
  answer.selection = ledger;
  const auto* language = syntax::find_language_of_file(request.file.path);
  const bool is_cut =
      answer.stop == protocol::StopReason::max_tokens || answer.stop == protocol::StopReason::context_full;
  const std::string offered(trimmed(answer.text));
  answer.code = without_new_errors(language, cursor.prefix, offered, cursor.suffix,
                                   is_cut ? CompletionEnd::cut : CompletionEnd::whole);
  if (answer.code.empty() && answer.stop != protocol::StopReason::cancelled)
    return base::fail(base::ErrorKind::negative,
                      base::is_blank(offered) ? "the model has nothing to insert there"
                                              : "what the model would insert there would break the file's syntax");
  return answer;
}

}  // namespace oc::tasks
