// SPDX-License-Identifier: Apache-2.0
#include "cli/commands/edit_options.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "cli/commands/check_plan.hpp"
#include "cli/exit_code.hpp"
#include "cli/landing.hpp"
#include "cli/work_ahead.hpp"
#include "protocol/messages.hpp"

namespace oc::cli {

namespace {

std::vector<base::Path> written_files(const edit::Change& change) {
  std::vector<base::Path> files;
  for (const edit::FileChange& file : change.files)
    if (file.after) files.push_back(file.path);
  return files;
}

// A change that cannot land is not lost: scripts and people get it as a diff.
std::unexpected<base::Error> offered(Invocation& invocation, const edit::Change& change, base::Error error) {
  if (!change.files.empty() && invocation.console.format() == Format::text) {
    const edit::FileChange& first = change.files.front();
    const bool is_new_file = change.files.size() == 1 && !first.before && first.after;
    if (is_new_file) invocation.console.out(*first.after);
    else show_change(invocation.console, change, DiffStream::results);
    error.hint += fmt::format("{}{} is on standard output", error.hint.empty() ? "" : "; ",
                              is_new_file ? "what was to be written" : "the change as a diff");
  }
  return std::unexpected(std::move(error));
}

}  // namespace

void add_edit_options(Command& command, EditOptions& options, Asks asks) {
  command.app->add_flag("--yes", options.yes, "write without asking");
  command.app->add_flag("--check", options.check, "change nothing; show the diff, exit code 1 if there is one");
  command.app->add_flag("--no-checks", options.no_checks, "do not run the project's checks (check.commands)");
  command.app
      ->add_option("--allow", options.allow,
                   "this file may be changed though it is outside the workspace, read-only or obeyed by tools")
      ->type_name("NAME")
      ->allow_extra_args(false);
  if (asks == Asks::model)
    command.app->add_option("--attempts", options.attempts, "so many answers at once; the first that passes is taken")
        ->check(CLI::Range(1, protocol::k_most_alternatives));
}

base::Result<tasks::EditTask> make_edit_task(Invocation& invocation, const std::string& title,
                                             const EditOptions& options) {
  tasks::EditTask task;
  task.title = title.substr(0, title.find('\n'));
  task.placement.workspace = invocation.workspace;
  task.placement.folder = invocation.working_directory;
  task.placement.file_limit = invocation.settings.settings().limits.file_bytes;
  task.guard = guard_options(invocation, options.allow);
  task.gate.journal_folder = journal_folder(invocation);
  task.gate.tell = [&invocation](const std::string& note) { invocation.console.note(note); };
  task.attempts = options.attempts;
  if (!options.no_checks && !options.check) {
    OC_TRY(task.gate.checks, make_check_plan(invocation));
    OC_CHECK(confirm_checks(invocation, task.gate.checks));
    task.gate.on_check = show_checks(invocation);
  }
  return task;
}

base::Result<int> land_edit(Invocation& invocation, tasks::VerifiedEdit& made, const EditOptions& options) {
  if (made.answer.stop == protocol::StopReason::cancelled) return k_exit_done;  // the view says so
  if (!made.passed())
    return offered(invocation, made.change,
                   {made.fault_kind, fmt::format("nothing was changed: {}", base::trim_end(made.fault)), ""});
  if (options.check) return show_only(invocation, made.change);
  const bool is_new = options.names_new_file && made.change.files.size() == 1 && !made.change.files.front().before;
  const Consent consent = is_new ? Consent::implied : options.yes ? Consent::given : Consent::ask;
  auto landed = land(invocation, made.change, guard_options(invocation, options.allow), consent);
  if (!landed && landed.error().kind != base::ErrorKind::denied && landed.error().kind != base::ErrorKind::cancelled)
    return offered(invocation, made.change, landed.error());
  if (!landed) return std::unexpected(landed.error());
  made.answer.files = landed->files;
  // The next request is likely to be about what was just written.
  begin_work_ahead(invocation, written_files(made.change));
  return k_exit_done;
}

}  // namespace oc::cli
