// SPDX-License-Identifier: Apache-2.0
// A conversation that is going on: its turns as they are asked, kept in the user's database and shown. What a message
// may name (@file, @symbol), what answers propose to change and what commands say of it come together here. For one
// thread; does not move.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/files.hpp"
#include "cli/answer_view.hpp"
#include "cli/commands/edit_options.hpp"
#include "cli/invocation.hpp"
#include "sessions/session_store.hpp"
#include "tasks/acting_turn.hpp"
#include "tasks/conversation.hpp"
#include "tasks/project.hpp"
#include "tasks/requests.hpp"

namespace oc::cli {

struct ChatOptions {
  bool continues = false;              // the newest session of this workspace, or a new one
  std::optional<std::int64_t> resume;  // this one
  bool no_save = false;
  std::optional<bool> actions;  // nullopt: chat.actions decides
  bool lines = false;
  bool ahead = false;  // for this program itself: nothing but queue_beginning(), which nobody waits for
  std::vector<std::string> files;
  EditOptions edit;
};

class ChatSession {
 public:
  // Kinds: those of the store; `usage` for a session that is not there or belongs to another workspace, `conflict` for
  // one that another program has.
  static base::Result<std::unique_ptr<ChatSession>> open(Invocation& invocation, const ChatOptions& options);
  ChatSession(const ChatSession&) = delete;
  ChatSession& operator=(const ChatSession&) = delete;

  // One turn: kept at once, answered, kept again, shown; then what it proposes to change. Exit code. Kind `cancelled`
  // when it was stopped: what there is of the answer is kept and marked. After any error the conversation can go on.
  base::Result<int> ask(const std::string& question);

  // Before a message is typed: the engine computes what it will begin with, and loads the model where that is not done,
  // by way of a process of its own. Milliseconds; says nothing, does nothing where the configuration or the battery say
  // no.
  void read_ahead();
  // What that process does, in this one.
  base::Result<void> queue_beginning();

  // The commands of a conversation. Files are relative to the working directory, and go with the next message.
  base::Result<void> add_files(const std::vector<std::string>& names);
  base::Result<void> drop_file(const std::string& name);
  base::Result<void> show_context();
  base::Result<void> apply_proposal();
  void show_proposal();
  base::Result<void> run(const std::string& command);
  base::Result<void> review(const std::vector<std::string>& names);  // none: what is not committed
  base::Result<void> choose_model(const std::string& name);          // "": shows it
  void start_anew();

  Invocation& invocation() { return invocation_; }
  tasks::Project* project() { return project_ ? &*project_ : nullptr; }
  std::optional<std::int64_t> id() const { return session_; }
  std::size_t turns() const { return conversation_.turns().size(); }
  std::vector<std::string> questions() const;  // the newest last

 private:
  struct Attached {
    base::Path path;
    std::string shown;
  };
  struct Message {
    std::vector<context::Piece> named;
    std::vector<tasks::FilePart> parts;
  };

  ChatSession(Invocation& invocation, ChatOptions options, sessions::SessionStore store);

  base::Result<void> take_up(const sessions::Session& session);
  base::Result<void> begin_turn(const std::string& question);
  base::Result<void> refresh_project();
  base::Result<Message> read_message(const std::string& question);
  base::Result<void> read_attached(Message& message);
  base::Result<void> read_mentions(const std::string& question, Message& message);
  base::Result<tasks::ModelSession*> model();
  base::Result<tasks::Answer> answer(const std::string& question, std::vector<context::Piece>& pieces);
  base::Result<void> keep_prompt(const tasks::Conversation::NextTurn& next);
  base::Result<void> keep_answer(const std::string& question, std::vector<context::Piece> pieces,
                                 const base::Result<tasks::Answer>& answer);
  void hear(const tasks::Event& event);
  base::Result<int> show_end(AnswerView& view, tasks::Answer answer);

  base::Result<int> consider_proposal(tasks::Answer& answer);
  base::Result<int> land_proposal(tasks::Answer& answer);
  base::Result<tasks::Answer> answer_plainly(tasks::ModelSession& model, protocol::ChatPrompt prompt);
  base::Result<tasks::Answer> answer_with_actions(tasks::ModelSession& model, const std::string& question,
                                                  const std::vector<context::Piece>& pieces);
  base::Result<tasks::CarriedOut> carry_out(const tasks::Action& action);
  base::Result<tasks::CarriedOut> carry_out_edit(const tasks::Action& action);
  base::Result<tasks::CarriedOut> carry_out_run(const tasks::Action& action);
  base::Result<tasks::CarriedOut> land_action(tasks::VerifiedEdit& made, const EditOptions& options);
  struct RanLine {
    std::string text;    // for the model: command, end of the output, ending
    std::string ending;  // "exit code 1"
  };
  // `show` gets the output as it comes, without controls.
  base::Result<RanLine> run_line(const std::string& command, const std::function<void(std::string_view)>& show);
  // Placed and through the gate; what is against it is its fault.
  base::Result<tasks::VerifiedEdit> try_edits(const edit::AnswerEdits& edits, const tasks::EditTask& task);
  bool has_actions(const tasks::ModelSession& model) const;
  std::vector<std::string> words_for_ahead() const;
  void tell_model(const std::string& text, const std::string& reason);

  Invocation& invocation_;
  ChatOptions options_;
  sessions::SessionStore store_;
  std::optional<base::FileLock> lock_;
  std::optional<std::int64_t> session_;
  std::int64_t turn_ = 0;
  std::optional<tasks::Project> project_;
  std::optional<tasks::ModelSession> model_;
  tasks::Conversation conversation_;
  std::vector<Attached> attached_;
  std::vector<context::Piece> for_next_turn_;  // what commands printed, why a change was not made
  std::string proposal_;                       // the answer whose changes wait for a yes; "" if none
  std::string proposal_title_;
  std::int64_t ahead_ = 0;  // the newest process that reads ahead; 0: none

  tasks::EventSink sink_;                         // of the model, which outlives the views
  AnswerView* view_ = nullptr;                    // of the turn that is being answered
  std::string partial_;                           // of its answer
  std::vector<tasks::ConversationStep> steps_;    // before it
  std::vector<sessions::TurnPiece> kept_pieces_;  // of the turn, as they are stored
  std::vector<std::string> changed_files_;        // by its actions
  base::Stopwatch since_kept_;
};

}  // namespace oc::cli
