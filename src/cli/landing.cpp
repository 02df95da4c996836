// SPDX-License-Identifier: Apache-2.0
#include "cli/landing.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/control_filter.hpp"
#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "context/project_index.hpp"
#include "edit/unified_diff.hpp"

namespace oc::cli {
namespace {

Style style_of(edit::DiffLine::Kind kind) {
  switch (kind) {
    case edit::DiffLine::Kind::header: return Style::bold;
    case edit::DiffLine::Kind::hunk: return Style::hunk;
    case edit::DiffLine::Kind::removed: return Style::removed;
    case edit::DiffLine::Kind::added: return Style::added;
    case edit::DiffLine::Kind::context: return Style::plain;
    case edit::DiffLine::Kind::note: return Style::dim;
  }
  return Style::plain;
}

std::string question_for(const edit::Change& change) {
  if (change.files.size() > 1) return fmt::format("Write these {} files?", change.files.size());
  const edit::FileChange& file = change.files.front();
  if (!file.after) return fmt::format("Remove {}?", file.shown);
  return fmt::format("{} {}?", file.before ? "Write" : "Create", file.shown);
}

}  // namespace

base::Path journal_folder(const Invocation& invocation) {
  return context::find_index_place(invocation.workspace, invocation.folders.cache).file.parent_path();
}

base::Result<edit::ChangeJournal> open_journal(Invocation& invocation, std::chrono::milliseconds patience) {
  OC_TRY(auto journal, edit::ChangeJournal::open(journal_folder(invocation), {}, patience));
  for (const std::string& note : journal.notes()) invocation.console.note(note);
  const auto place = context::find_index_place(invocation.workspace, invocation.folders.cache);
  context::keep_out_of_repository(place, invocation.workspace);
  return journal;
}

void recover_changes(Invocation& invocation) {
  if (!edit::ChangeJournal::may_need_recovery(journal_folder(invocation))) return;
  const auto journal = open_journal(invocation, std::chrono::milliseconds::zero());
  // Another process may be at work: then it is its change, and it will end it.
  if (!journal && journal.error().kind != base::ErrorKind::conflict) invocation.console.note(journal.error().message);
}

edit::GuardOptions guard_options(const Invocation& invocation, const std::vector<std::string>& names) {
  edit::GuardOptions options{invocation.workspace, {}};
  for (const std::string& name : names) options.permitted.push_back(absolute_path(invocation, name).lexically_normal());
  return options;
}

void show_change(Console& console, const edit::Change& change, DiffStream stream) {
  for (const edit::FileChange& file : change.files)
    for (const edit::DiffLine& line : edit::diff_lines(file.before.value_or(""), file.after.value_or(""), file.shown)) {
      const std::string text = base::filter_controls(line.text) + "\n";
      if (stream == DiffStream::results) console.out(text, style_of(line.kind));
      else console.err(text, style_of(line.kind));
    }
}

base::Result<Landed> land(Invocation& invocation, const edit::Change& change, const edit::GuardOptions& guard,
                          Consent consent) {
  Console& console = invocation.console;
  const bool is_shown = consent == Consent::ask || (consent == Consent::given && !console.is_quiet());
  if (is_shown) show_change(console, change, DiffStream::errors);
  const bool agreed = consent != Consent::ask || console.ask(question_for(change));
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (!agreed)
    return base::fail(base::ErrorKind::denied,
                      change.files.size() == 1
                          ? fmt::format("'{}' was not changed: nobody said yes", change.files.front().shown)
                          : fmt::format("{} files were not changed: nobody said yes", change.files.size()),
                      "add --yes to write without being asked");
  OC_TRY(auto journal, open_journal(invocation));
  const std::size_t told = journal.notes().size();
  // Time has passed since the first look: a folder may be a link by now.
  for (const edit::FileChange& file : change.files) OC_CHECK(edit::check_may_change(file.path, guard));
  Landed landed;
  OC_TRY(landed.id, journal.apply(change));
  for (std::size_t i = told; i < journal.notes().size(); ++i) console.note(journal.notes()[i]);
  for (const edit::FileChange& file : change.files) {
    landed.files.push_back(file.shown);
    console.note(fmt::format("{} {}", file.after ? "wrote" : "removed", file.shown));
  }
  if (console.shows_status()) console.note(fmt::format("'offline-coder undo' takes it back (change {})", landed.id));
  return landed;
}

base::Result<int> show_only(Invocation& invocation, const edit::Change& change) {
  nlohmann::ordered_json fields = {{"would_change", nlohmann::ordered_json::array()}};
  for (const edit::FileChange& file : change.files) fields["would_change"].push_back(file.shown);
  if (invocation.console.format() == Format::text) show_change(invocation.console, change, DiffStream::results);
  else show_result(invocation, "", fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  return change.files.empty() ? k_exit_done : k_exit_negative;
}

}  // namespace oc::cli
