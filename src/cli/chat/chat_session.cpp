// SPDX-License-Identifier: Apache-2.0
#include "cli/chat/chat_session.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/chat/stored_turns.hpp"
#include "cli/exit_code.hpp"
#include "cli/ledger.hpp"
#include "cli/project.hpp"
#include "edit/code_blocks.hpp"
#include "tasks/repetition.hpp"
#include "tasks/use_cases.hpp"

namespace oc::cli {
namespace {

using sessions::TurnState;

// What a program or a machine that dies may take of an answer with it.
constexpr double k_keep_every_ms = 1000;
constexpr std::size_t k_title_bytes = 72;

std::string title_of(std::string_view question) {
  std::string_view line = base::trim(question);
  line = line.substr(0, line.find('\n')).substr(0, k_title_bytes);
  return base::filter_controls(line.substr(0, base::complete_utf8_prefix(line)));
}

std::unexpected<base::Error> in_use(std::int64_t id) {
  return base::fail(base::ErrorKind::conflict, fmt::format("session {} is in use by another program", id),
                    "end that conversation first, or begin another one with 'offline-coder chat'");
}

TurnState state_of(const base::Result<tasks::Answer>& answer) {
  using protocol::StopReason;
  if (!answer) return answer.error().kind == base::ErrorKind::cancelled ? TurnState::stopped : TurnState::failed;
  if (answer->stop == StopReason::cancelled) return TurnState::stopped;
  const bool is_cut = answer->stop == StopReason::max_tokens || answer->stop == StopReason::context_full;
  return is_cut ? TurnState::cut : TurnState::done;
}

}  // namespace

ChatSession::ChatSession(Invocation& invocation, ChatOptions options, sessions::SessionStore store)
    : invocation_(invocation),
      options_(std::move(options)),
      store_(std::move(store)),
      sink_([this](const tasks::Event& event) { hear(event); }) {}

base::Result<std::unique_ptr<ChatSession>> ChatSession::open(Invocation& invocation, const ChatOptions& options) {
  const bool keeps = !options.no_save && !invocation.options.dry_run;
  auto opened = keeps || options.resume || options.continues ? sessions::SessionStore::open(invocation.folders.data)
                                                             : sessions::SessionStore::open_in_memory();
  OC_TRY(sessions::SessionStore store, std::move(opened));
  for (const std::string& note : store.notes()) invocation.console.note(note);
  std::unique_ptr<ChatSession> chat(new ChatSession(invocation, options, std::move(store)));
  if (options.resume) {
    OC_TRY(const auto session, chat->store_.find(*options.resume));
    if (!session)
      return base::fail(base::ErrorKind::usage, fmt::format("there is no session {}", *options.resume),
                        "'offline-coder session list --all' shows them");
    OC_CHECK(chat->take_up(*session));
  } else if (options.continues) {
    OC_TRY(const auto all, chat->store_.list(invocation.workspace));
    if (!all.empty()) OC_CHECK(chat->take_up(all.front()));
  }
  for (const std::string& file : options.files) {
    const auto added = chat->add_files({file});
    if (!added && !options.ahead) return std::unexpected(added.error());  // else what is gone is told by the other one
  }
  OC_TRY(chat->project_, find_project(invocation));
  return chat;
}

base::Result<void> ChatSession::take_up(const sessions::Session& session) {
  if (session.workspace != invocation_.workspace)
    return base::fail(base::ErrorKind::usage,
                      fmt::format("session {} belongs to {}", session.id, base::display(session.workspace)),
                      "go there first");
  if (!options_.ahead) {  // else it is another program's, and stays as it is
    OC_TRY(lock_, store_.try_lock(session.id));
    if (!lock_) return in_use(session.id);
  }
  OC_TRY(auto turns, store_.turns(session.id));
  for (sessions::Turn& turn : turns) {
    if (turn.state != TurnState::open || options_.ahead) continue;
    turn.state = TurnState::stopped;  // the program died while it was answered
    OC_CHECK(store_.set_answer(turn.id, turn.answer, turn.state, turn.model));
  }
  session_ = session.id;
  const auto first = std::ranges::find_if(turns, [&](const auto& turn) { return turn.id >= session.first_sent; });
  conversation_ =
      tasks::Conversation(session.map, conversation_turns(turns), static_cast<std::size_t>(first - turns.begin()));
  for (const std::string& path : added_paths(turns))
    attached_.push_back({(invocation_.workspace / base::path_from_utf8(path)).lexically_normal(), path});
  return {};
}

std::vector<std::string> ChatSession::questions() const {
  std::vector<std::string> questions;
  for (const auto& turn : conversation_.turns()) questions.push_back(turn.question);
  return questions;
}

void ChatSession::start_anew() {
  session_.reset();
  lock_.reset();
  conversation_ = {};
  attached_.clear();
  for_next_turn_.clear();
  proposal_.clear();
}

base::Result<void> ChatSession::begin_turn(const std::string& question) {
  if (invocation_.options.dry_run) return {};
  if (!session_) {
    OC_TRY(session_, store_.begin(invocation_.workspace, title_of(question)));
    if (!options_.no_save) {
      OC_TRY(lock_, store_.try_lock(*session_));
      if (!lock_) return in_use(*std::exchange(session_, std::nullopt));
    }
  }
  OC_TRY(turn_, store_.add_turn(*session_, question));
  return {};
}

base::Result<void> ChatSession::refresh_project() {
  if (!project_ || conversation_.turns().empty()) return {};
  context::RefreshOptions refresh;
  refresh.time_limit = invocation_.settings.settings().context.scan_time;
  refresh.cancel = invocation_.cancel;
  const auto refreshed = project_->index().refresh(refresh);
  if (!refreshed && refreshed.error().kind == base::ErrorKind::cancelled) return std::unexpected(refreshed.error());
  return {};  // an index that is not new is better than none
}

base::Result<tasks::ModelSession*> ChatSession::model() {
  if (!model_) {
    OC_TRY(model_, open_session(invocation_, sink_));
  }
  conversation_.set_talk(has_actions(*model_) ? tasks::Talk::actions : tasks::Talk::plain);
  return &*model_;
}

void ChatSession::hear(const tasks::Event& event) {
  if (const auto* piece = std::get_if<tasks::AnswerPiece>(&event)) {
    partial_ += piece->text;
    if (turn_ != 0 && since_kept_.elapsed_ms() > k_keep_every_ms) {
      static_cast<void>(store_.set_answer(turn_, partial_, TurnState::open, ""));  // the end tells what is wrong
      since_kept_ = base::Stopwatch();
    }
  }
  if (const auto* action = std::get_if<tasks::ActionTaken>(&event); action != nullptr && turn_ != 0) {
    kept_pieces_.push_back(stored_step({action->call, action->result}));
    static_cast<void>(store_.set_pieces(turn_, kept_pieces_));
  }
  if (view_ != nullptr) view_->sink()(event);
}

base::Result<void> ChatSession::keep_prompt(const tasks::Conversation::NextTurn& next) {
  if (next.compaction)
    invocation_.console.note(
        fmt::format("the window is full: {} earlier {} not sent any more, which frees {} tokens; the whole text stays "
                    "in the session",
                    next.compaction->turns, next.compaction->turns == 1 ? "turn is" : "turns are",
                    base::format_count(next.compaction->freed.value)));
  if (turn_ == 0) return {};
  kept_pieces_ = stored_pieces(next.pieces);
  OC_CHECK(store_.set_pieces(turn_, kept_pieces_));
  OC_CHECK(store_.set_map(*session_, conversation_.map()));
  if (!next.compaction) return {};
  OC_TRY(const auto turns, store_.turns(*session_));
  return store_.set_first_sent(*session_, turns[conversation_.first_sent()].id);
}

base::Result<tasks::Answer> ChatSession::answer_plainly(tasks::ModelSession& model, protocol::ChatPrompt prompt) {
  tasks::CircleWatch watch;
  tasks::ModelSession::Request request;
  request.prompt = std::move(prompt);
  request.max_tokens = model.generation().max_tokens;
  request.wants_more = [&](std::string_view so_far) {
    if (!watch.goes_round(so_far)) return true;
    model.tell(tasks::Note{std::string(tasks::k_went_round)});
    return false;
  };
  return model.answer(request);
}

base::Result<tasks::Answer> ChatSession::answer(const std::string& question, std::vector<context::Piece>& pieces) {
  OC_CHECK(refresh_project());
  OC_TRY(Message message, read_message(question));
  OC_TRY(tasks::ModelSession * model, this->model());
  auto about = tasks::make_piece_request(project(), message.parts, question);
  OC_TRY(auto next, conversation_.prepare(*model, project(), question, std::move(message.named), about));
  OC_CHECK(keep_prompt(next));
  pieces = std::move(next.pieces);
  for_next_turn_.clear();
  model->tell(tasks::ContextChosen{next.ledger});
  since_kept_ = base::Stopwatch();
  const bool acts = conversation_.talk() == tasks::Talk::actions && !invocation_.options.dry_run;
  OC_TRY(tasks::Answer answer,
         acts ? answer_with_actions(*model, question, pieces) : answer_plainly(*model, std::move(next.prompt)));
  answer.selection = std::move(next.ledger);
  answer.files = changed_files_;
  answer.code = edit::find_code_blocks(answer.text).empty() ? "" : edit::code_only(answer.text);
  return answer;
}

base::Result<void> ChatSession::keep_answer(const std::string& question, std::vector<context::Piece> pieces,
                                            const base::Result<tasks::Answer>& answer) {
  const TurnState state = state_of(answer);
  // A part that an error ended is shown and kept, but no model shall take it for its own words.
  conversation_.add({std::move(pieces), question,
                     state == TurnState::failed ? ""
                     : answer                   ? answer->text
                                                : partial_,
                     std::exchange(steps_, {})});
  if (turn_ == 0) return {};
  const std::int64_t turn = std::exchange(turn_, 0);
  return store_.set_answer(turn, answer ? answer->text : partial_, state, model_ ? model_->loaded().facts.name : "");
}

base::Result<int> ChatSession::show_end(AnswerView& view, tasks::Answer answer) {
  const bool is_text = invocation_.console.format() == Format::text;
  base::Result<int> landed = k_exit_done;
  const bool is_whole = answer.stop == protocol::StopReason::end || answer.stop == protocol::StopReason::stop_text;
  if (is_text) {
    OC_CHECK(view.finish(answer));
    if (is_whole) landed = consider_proposal(answer);
    return landed;
  }
  if (is_whole) landed = consider_proposal(answer);
  if (!landed) return landed;
  nlohmann::ordered_json fields = {{"session", session_.value_or(0)}, {"turn", turns()}};
  if (options_.no_save) fields["session"] = nullptr;
  if (!proposal_.empty()) fields["proposes_changes"] = true;
  view.set_fields(fields.dump());
  OC_CHECK(view.finish(answer));
  return landed;
}

base::Result<int> ChatSession::ask(const std::string& question) {
  if (base::is_blank(question)) return base::fail(base::ErrorKind::usage, "there is no message");
  AnswerView view(invocation_, AnswerShape::stream);
  view_ = &view;
  partial_.clear();
  steps_.clear();
  kept_pieces_.clear();
  changed_files_.clear();
  OC_CHECK(begin_turn(question));
  std::vector<context::Piece> pieces;
  auto answered = answer(question, pieces);
  view_ = nullptr;
  if (invocation_.options.dry_run) return answered ? view.finish(*answered) : std::unexpected(answered.error());
  const auto kept = keep_answer(question, std::move(pieces), answered);
  if (!answered) {
    // The engine is started again by the next turn.
    if (answered.error().kind == base::ErrorKind::engine) model_.reset();
    if (!partial_.empty() && !partial_.ends_with('\n') && invocation_.console.format() == Format::text)
      invocation_.console.out("\n");
    return std::unexpected(answered.error());
  }
  OC_CHECK(kept);
  return show_end(view, std::move(*answered));
}

base::Result<void> ChatSession::show_context() {
  OC_TRY(tasks::ModelSession * model, this->model());
  OC_TRY(const context::Selection ledger, conversation_.ledger(*model));
  invocation_.console.out(base::filter_controls(ledger_text(ledger)));
  std::string waiting;
  for (const Attached& file : attached_) waiting += " " + file.shown;
  if (!waiting.empty()) invocation_.console.note("added files:" + waiting);
  return {};
}

base::Result<void> ChatSession::choose_model(const std::string& name) {
  if (!name.empty()) {
    config::Sources sources = invocation_.sources;
    sources.flags.push_back({"--model", "model.name", name});
    OC_TRY(auto settings, config::load_settings(sources));
    const auto before = std::exchange(invocation_.settings, std::move(settings));
    if (const auto found = resolve_model(invocation_); !found) {
      invocation_.settings = before;
      return std::unexpected(found.error());
    }
    invocation_.sources = std::move(sources);
    model_.reset();
  }
  OC_TRY(const tasks::ModelSession* model, this->model());
  invocation_.console.note(
      fmt::format("{} · {} tokens", model->loaded().facts.name, base::format_count(model->loaded().context_tokens)));
  return {};
}

}  // namespace oc::cli
