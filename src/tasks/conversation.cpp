// SPDX-License-Identifier: Apache-2.0
#include "tasks/conversation.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/token_counter.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;
using protocol::Role;

// No text takes fewer tokens; counting megabytes to learn that they do not fit would take seconds.
constexpr std::int64_t k_most_bytes_a_token = 64;
constexpr std::size_t k_most_remembered_questions = 12;
constexpr std::size_t k_most_of_a_question = 100;  // bytes
// After the first turn, so that a project does not push the conversation out of its own window.
constexpr std::int64_t k_share_of_a_later_turn = 4;

std::int64_t answer_reserve(const ModelSession& session) {
  return std::min<std::int64_t>(session.generation().max_tokens.value, session.loaded().context_tokens / 4);
}

std::string first_line(std::string_view text) {
  text = base::trim(text);
  text = text.substr(0, text.find('\n'));
  std::string_view head = text.substr(0, k_most_of_a_question);
  head = head.substr(0, base::complete_utf8_prefix(head));
  return head.size() < text.size() ? std::string(head) + "…" : std::string(head);
}

constexpr std::string_view k_dropped = "(The user dropped this.)\n";

std::string text_of(const ConversationTurn& turn) {
  std::string text;
  for (const ConversationStep& step : turn.steps) text += step.call + framed_piece(step.result);
  for (const context::Piece& piece : turn.pieces) text += framed_piece(piece);
  return text + turn.question + "\n" + turn.answer;
}

base::Result<TokenCount> count_text(ModelSession& session, std::string text) {
  return session.count(protocol::RawPrompt{std::move(text)});
}

std::unexpected<base::Error> too_large(const ModelSession& session, const std::string& what) {
  return base::fail(
      base::ErrorKind::too_large,
      fmt::format("the message has {}, the context window {}, of which {} are kept for the answer", what,
                  base::format_count(session.loaded().context_tokens), base::format_count(answer_reserve(session))),
      "shorten it, or name fewer files");
}

}  // namespace

base::TokenCount Conversation::room(const ModelSession& session) {
  return TokenCount(session.loaded().context_tokens - answer_reserve(session));
}

std::string Conversation::system_text(const ModelSession& session) const {
  const std::string form = prompt_text("edit_form");
  return system_prompt(session) + "\n" +
         (talk_ == Talk::actions ? prompt_text("chat_actions") : prompt_text("chat", {{"edit_form", form}}));
}

protocol::ChatPrompt Conversation::make_prompt(const ModelSession& session, const ConversationTurn* next) const {
  protocol::ChatPrompt prompt;
  prompt.segments.push_back({Role::system, system_text(session)});
  if (!map_.empty()) prompt.segments.push_back({Role::user, framed_map(map_)});
  std::string said;
  const std::size_t first_said =
      first_sent_ > k_most_remembered_questions ? first_sent_ - k_most_remembered_questions : 0;
  for (std::size_t i = first_said; i < first_sent_; ++i) said += fmt::format("- {}\n", first_line(turns_[i].question));
  if (!said.empty())
    prompt.segments.push_back(
        {Role::user, prompt_text("chat_earlier", {{"said", std::string(base::trim_end(said))}}) + "\n"});
  const auto add_turn = [&](const ConversationTurn& turn) {
    for (const context::Piece& piece : turn.pieces) prompt.segments.push_back({Role::user, framed_piece(piece)});
    prompt.segments.push_back({Role::user, turn.question});
    for (const ConversationStep& step : turn.steps) {
      prompt.segments.push_back({Role::assistant, step.call});
      prompt.segments.push_back({Role::user, framed_piece(step.result)});
    }
  };
  for (std::size_t i = first_sent_; i < turns_.size(); ++i) {
    if (turns_[i].answer.empty()) continue;
    add_turn(turns_[i]);
    prompt.segments.push_back({Role::assistant, (talk_ == Talk::actions ? "answer\n" : "") + turns_[i].answer});
  }
  if (next != nullptr) add_turn(*next);
  return prompt;
}

// Turns leave until half of the window is free: else each of the next ones would push another one out, and all of the
// prompt would be computed again every time.
base::Result<Conversation::Room> Conversation::make_room(ModelSession& session, const ConversationTurn& next) {
  const std::int64_t window = session.loaded().context_tokens;
  if (std::ssize(text_of(next)) > window * k_most_bytes_a_token)
    return too_large(session, fmt::format("{} bytes", base::format_count(std::ssize(next.question))));
  OC_TRY(const TokenCount all, session.count(make_prompt(session, &next)));
  if (all.value + answer_reserve(session) <= window) return Room{all, std::nullopt};
  Compaction compaction;
  const std::size_t before = first_sent_;
  std::int64_t left = all.value;
  while (first_sent_ < turns_.size() && left > window / 2) {
    OC_TRY(const TokenCount tokens, count_text(session, text_of(turns_[first_sent_])));
    left -= turns_[first_sent_].answer.empty() ? 0 : tokens.value;
    ++first_sent_;
    ++compaction.turns;
  }
  OC_TRY(const TokenCount now, session.count(make_prompt(session, &next)));
  if (now.value + answer_reserve(session) > window) {
    first_sent_ = before;  // no turn leaves for a message that does not come in
    return too_large(session, fmt::format("{} tokens", base::format_count(now.value)));
  }
  compaction.freed = std::max(TokenCount(0), all - now);
  return Room{now, compaction.turns > 0 ? std::optional(compaction) : std::nullopt};
}

bool Conversation::is_first() const {
  return map_.empty() && std::ranges::all_of(turns_, [](const auto& t) { return t.answer.empty(); });
}

base::Result<protocol::ChatPrompt> Conversation::beginning(ModelSession& session, Project* project,
                                                           std::vector<context::Piece> named) const {
  Conversation begun = *this;
  ConversationTurn next{std::move(named), k_any_question, ""};
  // What is too large is told when it is sent.
  if (std::ssize(text_of(next)) > session.loaded().context_tokens * k_most_bytes_a_token) next.pieces.clear();
  OC_TRY(TokenCount tokens, session.count(make_prompt(session, &next)));
  if (tokens > room(session)) {
    next.pieces.clear();
    OC_TRY(tokens, session.count(make_prompt(session, &next)));
  }
  if (is_first() && project != nullptr && tokens < room(session)) {
    OC_TRY(Project::Context chosen,
           without_index_errors(session, project->choose({}, room(session) - tokens, text_counter(session),
                                                         tokenizer_name(session.model()))));
    begun.map_ = std::move(chosen.map);
  }
  return begun.make_prompt(session, &next);
}

base::Result<void> Conversation::choose(ModelSession& session, Project* project, const context::PieceRequest& about,
                                        TokenCount left, NextTurn& turn) {
  if (project == nullptr || left.value <= 0) return {};
  const bool is_first = this->is_first();
  const auto count = text_counter(session);
  const std::string tokenizer = tokenizer_name(session.model());
  const TokenCount most = is_first ? left : TokenCount(left.value / k_share_of_a_later_turn);
  OC_TRY(Project::Context chosen,
         without_index_errors(session, is_first ? project->choose(about, most, count, tokenizer)
                                                : project->choose_pieces(about, most, count, tokenizer)));
  if (is_first) map_ = std::move(chosen.map);
  const std::size_t offset = chosen.ledger.items.size() - chosen.pieces.size();  // the map has no piece
  for (std::size_t i = 0; i < offset; ++i) {
    turn.ledger.used += chosen.ledger.items[i].tokens;
    turn.ledger.items.push_back(std::move(chosen.ledger.items[i]));
  }
  for (std::size_t i = 0; i < chosen.pieces.size(); ++i) {
    if (shows(chosen.pieces[i])) continue;
    turn.ledger.used += chosen.ledger.items[offset + i].tokens;
    turn.ledger.items.push_back(std::move(chosen.ledger.items[offset + i]));
    turn.pieces.push_back(std::move(chosen.pieces[i]));
  }
  turn.ledger.dropped = std::move(chosen.ledger.dropped);
  turn.ledger.budget = turn.ledger.used + left;
  return {};
}

base::Result<Conversation::NextTurn> Conversation::prepare(ModelSession& session, Project* project,
                                                           const std::string& question,
                                                           std::vector<context::Piece> named,
                                                           const context::PieceRequest& about) {
  NextTurn turn;
  turn.pieces = std::move(named);
  OC_TRY(const Room made, make_room(session, {turn.pieces, question, ""}));
  turn.compaction = made.compaction;
  for (const context::Piece& piece : turn.pieces) {
    OC_TRY(const TokenCount tokens, count_text(session, framed_piece(piece)));
    turn.ledger.items.push_back({piece.path, piece.lines, tokens, piece.reason});
    turn.ledger.used += tokens;
  }
  const std::size_t required = turn.pieces.size();
  const std::int64_t room = Conversation::room(session).value;
  OC_CHECK(choose(session, project, about, TokenCount(room - made.prompt.value), turn));
  // Where parts meet, a text may take a token more than alone.
  while (true) {
    const ConversationTurn next{turn.pieces, question, ""};
    turn.prompt = make_prompt(session, &next);
    if (turn.pieces.size() == required) return turn;
    OC_TRY(const TokenCount tokens, session.count(turn.prompt));
    if (tokens.value <= room) return turn;
    turn.ledger.used -= turn.ledger.items.back().tokens;
    turn.ledger.items.pop_back();
    turn.pieces.pop_back();
  }
}

void Conversation::drop(ConversationStep& step) { step.result.text = k_dropped; }

std::size_t Conversation::drop(std::string_view path) {
  std::size_t dropped = 0;
  for (ConversationTurn& turn : turns_) {
    dropped += std::erase_if(turn.pieces, [&](const context::Piece& piece) { return piece.path == path; });
    for (ConversationStep& step : turn.steps) {
      if (step.result.path != path || step.result.text == k_dropped) continue;
      drop(step);
      ++dropped;
    }
  }
  return dropped;
}

bool Conversation::shows(const context::Piece& piece) const {
  const auto is_it = [&](const context::Piece& shown) {
    return shown.path == piece.path && shown.form == piece.form && shown.text.find(piece.text) != std::string::npos;
  };
  for (std::size_t i = first_sent_; i < turns_.size(); ++i) {
    if (turns_[i].answer.empty()) continue;
    if (std::ranges::any_of(turns_[i].pieces, is_it)) return true;
    if (std::ranges::any_of(turns_[i].steps, is_it, &ConversationStep::result)) return true;
  }
  return false;
}

base::Result<context::Selection> Conversation::ledger(ModelSession& session) const {
  context::Selection ledger;
  ledger.budget = TokenCount(session.loaded().context_tokens);
  const auto add = [&](std::string name, base::LineRange lines, std::string text,
                       std::string reason) -> base::Result<void> {
    OC_TRY(const TokenCount tokens, count_text(session, std::move(text)));
    ledger.items.push_back({std::move(name), lines, tokens, std::move(reason)});
    ledger.used += tokens;
    return {};
  };
  OC_CHECK(add("(instructions)", {}, system_text(session), "stand before everything"));
  if (!map_.empty()) OC_CHECK(add("(map of the workspace)", {}, framed_map(map_), "as it was when this began"));
  for (std::size_t i = first_sent_; i < turns_.size(); ++i) {
    const ConversationTurn& turn = turns_[i];
    if (turn.answer.empty()) continue;
    const std::string of = fmt::format("turn {}", i + 1);
    for (const context::Piece& piece : turn.pieces)
      OC_CHECK(
          add(piece.path.empty() ? "(text)" : piece.path, piece.lines, framed_piece(piece), of + ": " + piece.reason));
    for (const ConversationStep& step : turn.steps)
      OC_CHECK(add(step.result.path.empty() ? "(action)" : step.result.path, step.result.lines,
                   step.call + framed_piece(step.result), of + ": " + first_line(step.call)));
    OC_CHECK(add("(" + of + ")", {}, turn.question + "\n" + turn.answer, first_line(turn.question)));
  }
  for (std::size_t i = 0; i < first_sent_; ++i)
    ledger.dropped.push_back(
        {fmt::format("(turn {})", i + 1), {}, {}, first_line(turns_[i].question) + ": left the window"});
  return ledger;
}

}  // namespace oc::tasks
