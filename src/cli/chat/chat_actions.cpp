// SPDX-License-Identifier: Apache-2.0
// What a model does by itself in a conversation, as far as the user lets it: its changes go the way of all changes, its
// commands are shown and asked for.
#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/landing.hpp"
#include "edit/answer_edits.hpp"
#include "sandbox/command_line.hpp"

namespace oc::cli {
namespace {

using config::Permission;
using Then = tasks::CarriedOut::Then;

// Smaller models ask for things at random.
constexpr std::int64_t k_least_parameters = 1'000'000'000;

tasks::CarriedOut not_done(const std::string& reason, const std::string& for_model, Then then = Then::go_on) {
  tasks::CarriedOut carried;
  carried.outcome.result.reason = reason;
  carried.outcome.result.text = for_model;
  carried.outcome.done = false;
  carried.then = then;
  return carried;
}

tasks::CarriedOut done(const std::string& reason, const std::string& for_model) {
  tasks::CarriedOut carried = not_done(reason, for_model);
  carried.outcome.done = true;
  return carried;
}

}  // namespace

bool ChatSession::has_actions(const tasks::ModelSession& model) const {
  using config::ActionMode;
  if (options_.actions) return *options_.actions;
  const ActionMode mode = invocation_.settings.settings().chat.actions;
  if (mode != ActionMode::automatic) return mode == ActionMode::always;
  return model.loaded().facts.parameters >= k_least_parameters;
}

base::Result<tasks::Answer> ChatSession::answer_with_actions(tasks::ModelSession& model, const std::string& question,
                                                             const std::vector<context::Piece>& pieces) {
  const auto& settings = invocation_.settings.settings();
  tasks::ActingLimits limits{settings.chat.steps, settings.chat.time, invocation_.workspace,
                             settings.limits.file_bytes};
  tasks::ConversationTurn turn{pieces, question, "", {}};
  auto answer = tasks::answer_acting(model, conversation_, turn, project(), limits,
                                     [this](const tasks::Action& action) { return carry_out(action); });
  steps_ = std::move(turn.steps);
  return answer;
}

base::Result<tasks::CarriedOut> ChatSession::carry_out(const tasks::Action& action) {
  return action.kind == tasks::ActionKind::run ? carry_out_run(action) : carry_out_edit(action);
}

// The same path as for the changes that an answer proposes: place, syntax, checks, diff, question.
base::Result<tasks::CarriedOut> ChatSession::carry_out_edit(const tasks::Action& action) {
  const Permission permission = invocation_.settings.settings().chat.edit;
  if (permission == Permission::never && !options_.edit.yes)
    return not_done("chat.edit allows no changes", "The user allows no changes.\n", Then::answer);
  const edit::AnswerEdits edits = edit::parse_answer(action.target + "\n" + action.body);
  if (edits.edits.empty())
    return not_done("there is no code in it",
                    "Nothing was changed: behind the line `edit PATH` one code block is needed.\n");
  EditOptions options = options_.edit;
  options.yes = options.yes || permission == Permission::always;
  OC_TRY(const tasks::EditTask task, make_edit_task(invocation_, "chat: " + tasks::action_line(action), options));
  auto placed = try_edits(edits, task);
  if (!placed && placed.error().kind == base::ErrorKind::cancelled) return std::unexpected(placed.error());
  if (!placed) return not_done(placed.error().message, "Nothing was changed: " + placed.error().message + "\n");
  if (!placed->passed()) {
    const std::string first(base::trim(placed->fault.substr(0, placed->fault.find('\n'))));
    return not_done("not changed: " + first, "The change was not made, because of this:\n" + placed->fault + "\n");
  }
  if (options.yes || options.check || invocation_.console.can_ask()) return land_action(*placed, options);
  proposal_ = action.target + "\n" + action.body;
  proposal_title_ = task.title;
  return not_done("waits for a yes: --yes makes it, and so does /apply",
                  "The change is right, and waits for the user's yes.\n", Then::answer);
}

base::Result<tasks::CarriedOut> ChatSession::land_action(tasks::VerifiedEdit& made, const EditOptions& options) {
  const auto code = land_edit(invocation_, made, options);
  if (!code && code.error().kind == base::ErrorKind::cancelled) return std::unexpected(code.error());
  if (!code && code.error().kind == base::ErrorKind::denied)
    return not_done("not changed: nobody said yes", "The user does not want this change.\n", Then::answer);
  if (!code) return not_done(code.error().message, "The change was not made: " + code.error().message + "\n");
  if (options.check)
    return not_done("shown only (--check)", "The change was shown to the user, and not made.\n", Then::answer);
  changed_files_.insert(changed_files_.end(), made.answer.files.begin(), made.answer.files.end());
  return done("changed", "The change was made.\n");
}

base::Result<tasks::CarriedOut> ChatSession::carry_out_run(const tasks::Action& action) {
  const Permission permission = invocation_.settings.settings().chat.run;
  Console& console = invocation_.console;
  if (permission == Permission::never)
    return not_done("chat.run allows no commands", "The user allows no commands.\n", Then::answer);
  if (permission == Permission::ask && !console.can_ask())
    return not_done("not run: there is nobody to ask", "The user could not be asked, so it was not run.\n",
                    Then::answer);
  // What is shown is what runs: no hidden character changes how the line reads.
  const std::string shown = sandbox::display(base::ShellLine{action.target});
  if (permission == Permission::ask && !console.ask(fmt::format("Run {}?", shown))) {
    if (invocation_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    return not_done("not run: you said no", "The user does not want this to be run.\n");
  }
  // Standard output is for the answer.
  const auto ran = run_line(action.target, [&](std::string_view text) { console.err(text, Style::dim); });
  if (!ran && ran.error().kind == base::ErrorKind::cancelled) return std::unexpected(ran.error());
  if (!ran) return not_done(ran.error().message, "It could not be run: " + ran.error().message + "\n");
  if (invocation_.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  return done(ran->ending, ran->text);
}

}  // namespace oc::cli
