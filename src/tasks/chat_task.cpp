// SPDX-License-Identifier: Apache-2.0
#include "tasks/chat_task.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "edit/code_blocks.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/token_counter.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;
using protocol::Role;

// Tokens that a text may take more inside a prompt than alone, at its two ends.
constexpr std::int64_t k_joint_tokens = 2;

// Most stable first: the map is the same for every request, the named files for every question about them.
protocol::ChatPrompt make_prompt(const ModelSession& session, const ChatTask& task,
                                 const std::vector<context::Piece>& pieces, const Project::Context& project) {
  protocol::ChatPrompt prompt;
  prompt.segments.push_back({Role::system, system_prompt(session)});
  if (!project.map.empty()) prompt.segments.push_back({Role::user, framed_map(project.map)});
  for (const context::Piece& piece : pieces) prompt.segments.push_back({Role::user, framed_piece(piece)});
  for (const context::Piece& piece : project.pieces) prompt.segments.push_back({Role::user, framed_piece(piece)});
  prompt.segments.push_back({Role::user, task.question});
  for (const Exchange& exchange : task.exchanges) {
    prompt.segments.push_back({Role::assistant, task.answer_start + exchange.answer});
    prompt.segments.push_back({Role::user, exchange.reply});
  }
  prompt.answer_start = task.answer_start;
  return prompt;
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

// What the user named, and how many tokens it leaves for anything else.
struct Chosen {
  context::Selected named;
  TokenCount left;
};

base::Result<Chosen> choose_named(ModelSession& session, const ChatTask& task) {
  const std::int64_t window = session.loaded().context_tokens;
  OC_TRY(const TokenCount fixed, session.count(make_prompt(session, task, {}, {})));
  const std::int64_t budget = window - room_for_answer(session) - fixed.value;
  if (budget < 0)
    return base::fail(
        base::ErrorKind::too_large,
        fmt::format("the question has {} tokens, the context window {}, of which {} are kept for the answer",
                    base::format_count(fixed.value), base::format_count(window),
                    base::format_count(room_for_answer(session))),
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
  if (!selected) return std::unexpected(selected.error());
  const TokenCount left(std::max<std::int64_t>(0, budget - names - selected->ledger.used.value));
  return Chosen{std::move(*selected), left};
}

base::Result<Project::Context> choose_from_project(ModelSession& session, const ChatTask& task, TokenCount most) {
  if (task.project == nullptr) return Project::Context{};
  return without_index_errors(session, task.project->choose(task.about, most, text_counter(session),
                                                            tokenizer_name(session.model()), task.line_numbers));
}

// One ledger of both, in the order of the prompt.
context::Selection joined(const context::Selection& named, const context::Selection& project) {
  context::Selection all = project;
  const auto first = all.items.begin() + (all.items.empty() || !all.items.front().path.starts_with('(') ? 0 : 1);
  all.items.insert(first, named.items.begin(), named.items.end());
  all.dropped.insert(all.dropped.begin(), named.dropped.begin(), named.dropped.end());
  all.budget = named.budget;
  all.used += named.used;
  return all;
}

struct Prepared {
  ModelSession::Request request;
  context::Selection ledger;
};

// Chooses what the model sees, and tells.
base::Result<Prepared> prepare(ModelSession& session, const ChatTask& task) {
  OC_TRY(const Chosen chosen, choose_named(session, task));
  OC_TRY(const Project::Context project, choose_from_project(session, task, chosen.left));
  Prepared prepared;
  prepared.ledger = joined(chosen.named.ledger, project.ledger);
  session.tell(ContextChosen{prepared.ledger});
  if (task.shown) task.shown(project.pieces);
  for (const context::Dropped& dropped : chosen.named.ledger.dropped)
    session.tell(Note{fmt::format("left out {} lines {}-{} ({} tokens): {}", dropped.path, dropped.lines.first.value,
                                  dropped.lines.last.value, dropped.tokens.value, dropped.reason)});
  prepared.request.prompt = make_prompt(session, task, chosen.named.pieces, project);
  prepared.request.stop = task.stop;
  prepared.request.max_tokens = session.generation().max_tokens;
  return prepared;
}

}  // namespace

std::int64_t room_for_answer(const ModelSession& session) {
  return std::min<std::int64_t>(session.generation().max_tokens.value, session.loaded().context_tokens / 4);
}

std::string system_prompt(const ModelSession& session) {
  const std::string& own = session.generation().system;
  return own.empty() ? prompt_text("system") : own;
}

context::CountTokens text_counter(ModelSession& session) {
  return [&session](std::string_view text) { return session.count(protocol::RawPrompt{std::string(text)}); };
}

base::Result<Project::Context> without_index_errors(ModelSession& session, base::Result<Project::Context> chosen) {
  if (chosen || chosen.error().kind != base::ErrorKind::io) return chosen;
  session.tell(Note{fmt::format("going on without the rest of the project: {}", chosen.error().message)});
  return Project::Context{};
}

base::Result<bool> fits_in_one_prompt(ModelSession& session, const ChatTask& task) {
  const auto chosen = choose_named(session, task);
  if (chosen) return true;
  if (chosen.error().kind != base::ErrorKind::too_large) return std::unexpected(chosen.error());
  return false;
}

base::Result<Answer> ask(ModelSession& session, const ChatTask& task) {
  OC_TRY(auto answers, ask_alternatives(session, task, 1));
  return std::move(answers.front());
}

base::Result<std::vector<Answer>> ask_alternatives(ModelSession& session, const ChatTask& task, int count) {
  OC_TRY(const Prepared prepared, prepare(session, task));
  std::vector<Answer> answers;
  if (count == 1) {
    OC_TRY(answers.emplace_back(), session.answer(prepared.request));
  } else {
    OC_TRY(answers, session.answer_alternatives(prepared.request, count));
  }
  for (Answer& answer : answers) {
    answer.selection = prepared.ledger;
    answer.code = edit::find_code_blocks(answer.text).empty() ? "" : edit::code_only(answer.text);
  }
  return answers;
}

}  // namespace oc::tasks
