// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "context/completion_window.hpp"
#include "tasks/use_cases.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;

// Prefill is the wait, and what is far from the cursor helps little: a window of this size at most.
constexpr std::int64_t k_window_tokens = 2048;
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
  const std::int64_t budget = std::min(k_window_tokens, limit - max_tokens.value - k_margin_tokens);
  OC_TRY(const auto window,
         context::trim_window(cursor.prefix, cursor.suffix, TokenCount(budget), [&](std::string_view text) {
           return session.count(protocol::RawPrompt{std::string(text)});
         }));
  tell_what_was_left_out(session, window);
  const context::Selection ledger = ledger_of(request, window, budget);
  session.tell(ContextChosen{ledger});

  ModelSession::Request ask;
  ask.prompt = protocol::InfillPrompt{window.prefix, window.suffix, request.file.shown_path, "", {}};
  ask.max_tokens = max_tokens;
  ask.priority = protocol::Priority::completion;
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
  answer.code = trimmed(answer.text);
  if (answer.code.empty() && answer.stop != protocol::StopReason::cancelled)
    return base::fail(base::ErrorKind::negative, "the model has nothing to insert there");
  return answer;
}

}  // namespace oc::tasks
