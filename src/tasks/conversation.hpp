// SPDX-License-Identifier: Apache-2.0
// A conversation about a project: what a model gets to see of it. The prompt grows only at its end, so that everything
// computed for earlier turns is used again; when the window is full, whole turns leave it at the beginning. Knows no
// database and no terminal. For one thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "context/piece.hpp"
#include "tasks/chat_task.hpp"
#include "tasks/model_session.hpp"
#include "tasks/project.hpp"

namespace oc::tasks {

// What the model asked for in the midst of a turn, as it wrote it, and what it got.
struct ConversationStep {
  std::string call;
  context::Piece result;
};

struct ConversationTurn {
  std::vector<context::Piece> pieces;  // that were chosen for it and stay with it
  std::string question;
  std::string answer;                     // "": the turn is not part of the prompt
  std::vector<ConversationStep> steps{};  // before the answer
};

// actions: the model may look for itself, change and run (action_envelope.hpp). plain: it talks.
enum class Talk { plain, actions };

class Conversation {
 public:
  Conversation() = default;
  // `map` and `turns` as they were when it was last used; the turns before `first_sent` have left the window.
  Conversation(std::string map, std::vector<ConversationTurn> turns, std::size_t first_sent)
      : map_(std::move(map)), turns_(std::move(turns)), first_sent_(first_sent) {}

  const std::string& map() const { return map_; }
  const std::vector<ConversationTurn>& turns() const { return turns_; }
  std::size_t first_sent() const { return first_sent_; }

  // Holds for the whole prompt: another one is computed from its beginning.
  void set_talk(Talk talk) { talk_ = talk; }
  Talk talk() const { return talk_; }

  // Turns that left the window for this one to fit.
  struct Compaction {
    std::size_t turns = 0;
    base::TokenCount freed;
  };
  struct NextTurn {
    protocol::ChatPrompt prompt;
    std::vector<context::Piece> pieces;  // named and chosen ones
    context::Selection ledger;           // of those that are new in this turn
    std::optional<Compaction> compaction;
  };
  // Chooses what of the project goes with the question, and makes the prompt. `named` are pieces that the user wants
  // in; `about` is what the question is about. Kind `too_large` with the numbers where the question and `named` do not
  // fit even alone; kinds of counting. Turns leave the window only for a message that fits.
  base::Result<NextTurn> prepare(ModelSession& session, Project* project, const std::string& question,
                                 std::vector<context::Piece> named, const context::PieceRequest& about);
  // What the next prompt begins with, whatever will be asked, with the pieces that will go with it: for having it
  // computed while the question is typed. Kinds of counting.
  base::Result<protocol::ChatPrompt> beginning(ModelSession& session, Project* project,
                                               std::vector<context::Piece> named) const;
  // The prompt of a turn that was prepared, after some steps of it.
  protocol::ChatPrompt prompt_of(const ModelSession& session, const ConversationTurn& next) const {
    return make_prompt(session, &next);
  }
  // Tokens that a prompt may have: the rest of the window is kept for the answer.
  static base::TokenCount room(const ModelSession& session);
  // The turn that was prepared has its answer; an empty one leaves no trace in the prompt.
  void add(ConversationTurn turn) { turns_.push_back(std::move(turn)); }
  // The pieces of a file leave the prompt: what was computed behind them is computed again. How many there were.
  std::size_t drop(std::string_view path);
  // What a step got is no longer there for the model.
  static void drop(ConversationStep& step);
  // Is this text of the file in the window already?
  bool shows(const context::Piece& piece) const;

  // What is in the window, part by part, in the order of the prompt.
  base::Result<context::Selection> ledger(ModelSession& session) const;

 private:
  protocol::ChatPrompt make_prompt(const ModelSession& session, const ConversationTurn* next) const;
  struct Room {
    base::TokenCount prompt;  // with the question and what is named
    std::optional<Compaction> compaction;
  };
  base::Result<Room> make_room(ModelSession& session, const ConversationTurn& next);
  // Nothing of the project is in it yet, its map neither.
  bool is_first() const;
  base::Result<void> choose(ModelSession& session, Project* project, const context::PieceRequest& about,
                            base::TokenCount left, NextTurn& turn);

  std::string system_text(const ModelSession& session) const;

  Talk talk_ = Talk::plain;
  std::string map_;
  std::vector<ConversationTurn> turns_;
  std::size_t first_sent_ = 0;
};

}  // namespace oc::tasks
