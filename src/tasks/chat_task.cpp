// SPDX-License-Identifier: Apache-2.0
#include "tasks/chat_task.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "tasks/prompt_texts.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;
using protocol::Role;

// Tokens that a text may take more inside a prompt than alone, at its two ends.
constexpr std::int64_t k_joint_tokens = 2;

protocol::ChatPrompt make_prompt(const ModelSession& session, const ChatTask& task,
                                 const std::vector<context::Piece>& pieces) {
  protocol::ChatPrompt prompt;
  const std::string& own = session.generation().system;
  prompt.segments.push_back({Role::system, own.empty() ? prompt_text("system") : own});
  for (const context::Piece& piece : pieces) prompt.segments.push_back({Role::user, framed_piece(piece)});
  prompt.segments.push_back({Role::user, task.question});
  prompt.answer_start = task.answer_start;
  return prompt;
}

// Room that is kept for the answer while the context is chosen; the answer may use what the context leaves as well.
std::int64_t answer_reserve(const ModelSession& session) {
  return std::min<std::int64_t>(session.generation().max_tokens.value, session.loaded().context_tokens / 4);
}

// What can be done about a window that is too small: it is smaller than the model allows only when somebody said so, or
// for lack of memory.
std::string larger_window_hint(const ModelSession& session) {
  const auto& loaded = session.loaded();
  if (loaded.context_tokens < loaded.facts.context_trained)
    return fmt::format("--context allows up to {} tokens, {} are in use", loaded.facts.context_trained,
                       loaded.context_tokens);
  return fmt::format("{} can hold {} tokens and no more", base::in_quotes(loaded.facts.name),
                     base::format_count(loaded.context_tokens));
}

base::Result<context::Selected> choose(ModelSession& session, const ChatTask& task) {
  const std::int64_t window = session.loaded().context_tokens;
  OC_TRY(const TokenCount fixed, session.count(make_prompt(session, task, {})));
  const std::int64_t budget = window - answer_reserve(session) - fixed.value;
  if (budget < 0)
    return base::fail(
        base::ErrorKind::too_large,
        fmt::format("the question has {} tokens, the context window {}, of which {} are kept for the answer",
                    base::format_count(fixed.value), base::format_count(window),
                    base::format_count(answer_reserve(session))),
        fmt::format("shorten it; {}", larger_window_hint(session)));
  const auto count = [&](std::string_view text) -> base::Result<TokenCount> {
    const context::Piece bare{"", {}, std::string(text), "", context::Need::required};
    OC_TRY(const TokenCount tokens, session.count(protocol::RawPrompt{framed_piece(bare)}));
    return tokens + TokenCount(k_joint_tokens);
  };
  // The names of the files stand in the prompt too.
  std::int64_t names = 0;
  for (const context::Piece& piece : task.pieces) {
    OC_TRY(const TokenCount tokens, session.count(protocol::RawPrompt{fmt::format(
                                        "File `{}` from line {}:\n", piece.path, piece.lines.first.value)}));
    names += tokens.value;
  }
  auto selected = context::select(task.pieces, TokenCount(std::max<std::int64_t>(0, budget - names)), count);
  if (!selected && selected.error().kind == base::ErrorKind::too_large)
    selected.error().hint =
        fmt::format("name fewer files, or a part of one with --lines; {}", larger_window_hint(session));
  return selected;
}

}  // namespace

base::Result<Answer> ask(ModelSession& session, const ChatTask& task) {
  OC_TRY(const context::Selected selected, choose(session, task));
  session.tell(ContextChosen{selected.ledger});
  for (const context::Dropped& dropped : selected.ledger.dropped)
    session.tell(Note{fmt::format("left out {} lines {}-{} ({} tokens): {}", dropped.path, dropped.lines.first.value,
                                  dropped.lines.last.value, dropped.tokens.value, dropped.reason)});
  ModelSession::Request request;
  request.prompt = make_prompt(session, task, selected.pieces);
  request.stop = task.stop;
  request.max_tokens = session.generation().max_tokens;
  OC_TRY(Answer answer, session.answer(request));
  answer.selection = selected.ledger;
  answer.code = edit::find_code_blocks(answer.text).empty() ? "" : edit::code_only(answer.text);
  return answer;
}

}  // namespace oc::tasks
