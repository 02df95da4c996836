// SPDX-License-Identifier: Apache-2.0
#include "tasks/acting_turn.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/prompt_texts.hpp"
#include "tasks/repetition.hpp"

namespace oc::tasks {
namespace {

using base::TokenCount;

// A result is worth asking for only with some room for it.
constexpr std::int64_t k_least_room = 192;
constexpr std::size_t k_longest_first_line = 1000;  // bytes; who writes more has lost its way
constexpr std::int64_t k_share_of_window = 4;       // the most that one result takes of it

void add_up(Answer& total, const Answer& one) {
  total.model = one.model;
  total.context_tokens = one.context_tokens;
  total.load_ms = one.load_ms;
  total.stop = one.stop;
  total.usage.prompt += one.usage.prompt;
  total.usage.cached += one.usage.cached;
  total.usage.completion += one.usage.completion;
  total.timing.queue_ms += one.timing.queue_ms;
  total.timing.prefill_ms += one.timing.prefill_ms;
  if (total.timing.first_token_ms == 0) total.timing.first_token_ms = one.timing.first_token_ms;
  total.timing.generate_ms += one.timing.generate_ms;
}

class ActingTurn {
 public:
  ActingTurn(ModelSession& session, const Conversation& conversation, ConversationTurn& turn, Project* project,
             const ActingLimits& limits, const CarryOut& carry_out)
      : session_(session),
        conversation_(conversation),
        turn_(turn),
        project_(project),
        limits_(limits),
        carry_out_(carry_out) {}

  base::Result<Answer> run() {
    while (true) {
      OC_TRY(const TokenCount room, room_for_result());
      if (room.value < k_least_room || limits_.steps <= 0) allowed_ = Allowed::answer_alone;
      OC_TRY(const Answer answer, ask());
      add_up(total_, answer);
      if (answer.stop == protocol::StopReason::cancelled) return std::move(total_);
      const Action action = parse_action(answer.text);
      if (action.kind == ActionKind::answer || allowed_ == Allowed::answer_alone) {
        show(action.kind == ActionKind::answer ? action.body : answer.text);
        return std::move(total_);
      }
      OC_CHECK(take_step(action, answer, room));
    }
  }

 private:
  // Counted with all that stands in the prompt by now.
  base::Result<TokenCount> room_for_result() {
    OC_TRY(const TokenCount used, session_.count(conversation_.prompt_of(session_, turn_)));
    const std::int64_t left = Conversation::room(session_).value - used.value;
    return TokenCount(std::min(left / 2, session_.loaded().context_tokens / k_share_of_window));
  }

  base::Result<Answer> ask() {
    begin_ = total_.text.size();
    lost_its_way_ = false;
    CircleWatch watch;
    ModelSession::Request request;
    request.audience = ModelSession::Audience::task;
    request.prompt = conversation_.prompt_of(session_, turn_);
    request.max_tokens = session_.generation().max_tokens;
    request.grammar = action_grammar(allowed_);
    request.wants_more = [&](std::string_view so_far) {
      if (const auto words = words_for_user(so_far)) show(*words);
      lost_its_way_ = so_far.size() > k_longest_first_line && so_far.find('\n') == std::string_view::npos;
      if (lost_its_way_ && !words_for_user(so_far)) return false;
      if (!watch.goes_round(so_far)) return true;
      session_.tell(Note{std::string(k_went_round)});
      return false;
    };
    return session_.answer(request);
  }

  // The part of the words that is new: all of them where they turned out to be others.
  void show(std::string_view words) {
    const auto said = std::string_view(total_.text).substr(begin_);
    if (said.starts_with(words)) return;
    if (!words.starts_with(said)) {
      say("\n");
      begin_ = total_.text.size();
    }
    say(std::string(words.substr(total_.text.size() - begin_)));
  }

  void say(std::string piece) {
    total_.text += piece;
    session_.tell(AnswerPiece{std::move(piece)});
  }

  base::Result<void> take_step(const Action& action, const Answer& answer, TokenCount room) {
    OC_TRY(CarriedOut done, carry_out(action, answer, room));
    std::string& text = done.outcome.result.text;
    const auto verdict = history_.add(action_line(action) + "\n" + action.body, text);
    if (!text.ends_with('\n')) text += '\n';
    if (verdict != ActionHistory::Verdict::fresh) text += prompt_text("chat_repeated") + "\n";
    const bool is_last = std::ssize(turn_.steps) + 1 >= limits_.steps ||
                         watch_.elapsed_ms() > std::chrono::duration<double, std::milli>(limits_.time).count() ||
                         verdict == ActionHistory::Verdict::circling || done.then == CarriedOut::Then::answer;
    if (is_last) {
      allowed_ = Allowed::answer_alone;
      text += prompt_text("chat_last_action") + "\n";
    }
    if (!total_.text.empty() && !total_.text.ends_with('\n')) say("\n");
    session_.tell(ActionTaken{answer.text, action_line(action), done.outcome.result, done.outcome.done});
    turn_.steps.push_back({answer.text, std::move(done.outcome.result)});
    return {};
  }

  base::Result<CarriedOut> carry_out(const Action& action, const Answer& answer, TokenCount room) {
    const bool is_cut =
        answer.stop == protocol::StopReason::max_tokens || answer.stop == protocol::StopReason::context_full;
    if (is_cut || lost_its_way_) {
      CarriedOut cut;
      cut.outcome.result.text = "It was too long and cut off, so nothing was done.\n";
      cut.outcome.result.reason = "too long and cut off: nothing was done";
      cut.outcome.done = false;
      return cut;
    }
    const context::CountTokens count = text_counter(session_);
    if (action.kind == ActionKind::edit || action.kind == ActionKind::run) {
      OC_TRY(CarriedOut done, carry_out_(action));
      OC_TRY(done.outcome.result.text, shortened(done.outcome.result.text, room, count));
      return done;
    }
    OC_TRY(ActionOutcome outcome,
           look_into_project(action, project_, {limits_.workspace, limits_.file_limit, room, count}));
    return CarriedOut{std::move(outcome), CarriedOut::Then::go_on};
  }

  ModelSession& session_;
  const Conversation& conversation_;
  ConversationTurn& turn_;
  Project* project_;
  const ActingLimits& limits_;
  const CarryOut& carry_out_;
  Allowed allowed_ = Allowed::all_actions;
  ActionHistory history_;
  base::Stopwatch watch_;
  bool lost_its_way_ = false;
  std::size_t begin_ = 0;  // in total_.text, of the answer that is coming
  Answer total_;
};

}  // namespace

base::Result<Answer> answer_acting(ModelSession& session, const Conversation& conversation, ConversationTurn& turn,
                                   Project* project, const ActingLimits& limits, const CarryOut& carry_out) {
  return ActingTurn(session, conversation, turn, project, limits, carry_out).run();
}

}  // namespace oc::tasks
