// SPDX-License-Identifier: Apache-2.0
// What an answer proposes to change, and commands that the user runs in between.
#include <algorithm>

#include <fmt/format.h>

#include "base/control_filter.hpp"
#include "base/text.hpp"
#include "cli/chat/chat_session.hpp"
#include "cli/commands/review_command.hpp"
#include "cli/exit_code.hpp"
#include "cli/landing.hpp"
#include "edit/answer_edits.hpp"
#include "sandbox/run_command.hpp"

namespace oc::cli {
namespace {

constexpr std::size_t k_most_output_bytes = 4000;  // of a command, that the model sees: its end

// Code without a file's name is an example, and a mention of a file in a sentence may be one.
edit::AnswerEdits proposed_edits(const std::string& answer) {
  edit::AnswerEdits edits = edit::parse_answer(answer);
  std::erase_if(edits.edits, [](const edit::ProposedEdit& one) {
    const bool is_change = one.form != edit::ProposedEdit::Form::code;
    return one.naming == edit::ProposedEdit::Naming::none ||
           (one.naming == edit::ProposedEdit::Naming::mentioned && !is_change);
  });
  if (edits.edits.empty()) edits.refusals.clear();
  return edits;
}

std::string end_of(std::string_view output) {
  if (output.size() <= k_most_output_bytes) return std::string(output);
  output.remove_prefix(output.size() - k_most_output_bytes);
  const std::size_t line = output.find('\n');
  return "[…]\n" + std::string(output.substr(line == std::string_view::npos ? 0 : line + 1));
}

}  // namespace

base::Result<int> ChatSession::consider_proposal(tasks::Answer& answer) {
  if (proposed_edits(answer.text).edits.empty()) return k_exit_done;
  proposal_ = answer.text;
  const auto& turn = conversation_.turns().back();
  proposal_title_ = "chat: " + std::string(base::trim(turn.question));
  if (options_.edit.yes || options_.edit.check || invocation_.console.can_ask()) return land_proposal(answer);
  invocation_.console.note("the answer proposes changes; nothing was changed: --yes makes them");
  return k_exit_done;
}

base::Result<tasks::VerifiedEdit> ChatSession::try_edits(const edit::AnswerEdits& edits, const tasks::EditTask& task) {
  OC_TRY(tasks::VerifiedEdit made, tasks::place_answer(edits, task));
  if (!made.passed()) return made;
  OC_TRY(tasks::GateVerdict verdict, tasks::pass_gate(made.change, task.gate, invocation_.cancel));
  made.fault = std::move(verdict.fault);
  return made;
}

// What did not pass is no failure of the conversation: the model is told with the next message.
base::Result<int> ChatSession::land_proposal(tasks::Answer& answer) {
  OC_TRY(const tasks::EditTask task, make_edit_task(invocation_, proposal_title_, options_.edit));
  OC_TRY(tasks::VerifiedEdit made, try_edits(proposed_edits(proposal_), task));
  if (!made.passed()) {
    proposal_.clear();
    tell_model("The change was not made, because of this:\n" + made.fault, "why the change was not made");
  }
  OC_TRY(const int code, land_edit(invocation_, made, options_.edit));
  if (!options_.edit.check) proposal_.clear();
  answer.files.insert(answer.files.end(), made.answer.files.begin(), made.answer.files.end());
  return code;
}

base::Result<void> ChatSession::apply_proposal() {
  if (proposal_.empty()) return base::fail(base::ErrorKind::negative, "no change waits for a yes", "ask for one first");
  tasks::Answer answer;
  OC_CHECK(land_proposal(answer));
  return {};
}

void ChatSession::show_proposal() {
  if (proposal_.empty()) return invocation_.console.note("no change waits for a yes");
  tasks::EditTask task;
  task.placement.workspace = invocation_.workspace;
  task.placement.folder = invocation_.working_directory;
  task.placement.file_limit = invocation_.settings.settings().limits.file_bytes;
  const auto placed = edit::place_edits(proposed_edits(proposal_), task.placement);
  if (!placed) return invocation_.console.error(placed.error());
  edit::Change change;
  change.files = placed->files;
  show_change(invocation_.console, change, DiffStream::results);
}

base::Result<ChatSession::RanLine> ChatSession::run_line(const std::string& command,
                                                         const std::function<void(std::string_view)>& show) {
  const auto& check = invocation_.settings.settings().check;
  sandbox::RunRequest request;
  request.command = base::ShellLine{command};
  request.folder = invocation_.working_directory;
  request.limits = {check.time, check.memory, check.processes, check.file_bytes, check.output_bytes};
  request.more_environment = check.environment;
  base::ControlFilter filter;
  OC_TRY(const sandbox::Outcome outcome, sandbox::run_command(request, invocation_.cancel, [&](std::string_view bytes) {
           show(filter.filter(bytes));
         }));
  show(filter.finish());
  const std::string ending = sandbox::to_words(outcome, request.limits);
  const std::string output = base::filter_controls(base::replace_invalid_utf8(outcome.output.text()));
  return RanLine{fmt::format("$ {}\n{}\n[{}]\n", command, base::trim_end(end_of(output)), ending), ending};
}

base::Result<void> ChatSession::run(const std::string& command) {
  if (base::is_blank(command))
    return base::fail(base::ErrorKind::usage, "there is no command to run", "'/run pytest -q'");
  Console& console = invocation_.console;
  OC_TRY(const RanLine ran, run_line(command, [&](std::string_view text) {
           console.out(text);
           console.flush();
         }));
  invocation_.console.note(fmt::format("{}; the model sees it with your next message", ran.ending));
  tell_model(ran.text, "printed by " + command);
  return {};
}

base::Result<void> ChatSession::review(const std::vector<std::string>& names) {
  OC_TRY(const std::string findings, review_as_text(invocation_, names));
  invocation_.console.out(base::filter_controls(findings));
  tell_model("A review found:\n" + end_of(findings), "found by a review");
  invocation_.console.note("the model sees it with your next message");
  return {};
}

}  // namespace oc::cli
