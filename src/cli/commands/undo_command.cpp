// SPDX-License-Identifier: Apache-2.0
// undo, redo: take a change back byte for byte, or make it again.
#include "cli/commands/undo_command.hpp"

#include <chrono>
#include <memory>
#include <optional>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/landing.hpp"
#include "cli/work_ahead.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

struct UndoOptions {
  edit::Side to = edit::Side::before;
  std::optional<std::int64_t> id;
  bool list = false, yes = false, force = false;
};

std::string joined(const std::vector<std::string>& names) {
  constexpr std::size_t k_named = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), k_named); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > k_named ? fmt::format("{} and {} more", text, names.size() - k_named) : text;
}

base::Result<int> list_changes(Invocation& invocation, edit::ChangeJournal& journal) {
  OC_TRY(const auto changes, journal.list());
  std::vector<std::vector<std::string>> rows;
  Json fields = {{"changes", Json::array()}};
  for (const edit::StoredChange& change : changes) {
    const bool is_undone = change.now == edit::Side::before;
    const std::time_t made = static_cast<std::time_t>(change.made_s);
    rows.push_back({fmt::format("{}", change.id), fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(made)),
                    is_undone ? "undone" : "", change.title, joined(change.names)});
    fields["changes"].push_back({{"change", change.id},
                                 {"made", change.made_s},
                                 {"undone", is_undone},
                                 {"title", change.title},
                                 {"files", change.names}});
  }
  show_result(invocation, rows.empty() ? "no changes yet\n" : in_columns(rows),
              fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  return k_exit_done;
}

// The last one made; or, going on where undo stopped, the oldest of those at the top that are undone.
base::Result<std::int64_t> find_newest(edit::ChangeJournal& journal, edit::Side to) {
  OC_TRY(const auto changes, journal.list());
  std::optional<std::int64_t> found;
  for (const edit::StoredChange& change : changes) {
    if (to == edit::Side::before && change.now == edit::Side::after) return change.id;
    if (to == edit::Side::after && change.now == edit::Side::after) break;
    found = change.id;
  }
  if (to == edit::Side::after && found) return *found;
  return base::fail(base::ErrorKind::negative,
                    to == edit::Side::before ? "there is no change to undo" : "there is no undone change to redo");
}

// The change as a diff from what is there now to what will be.
edit::Change preview(const edit::StoredChange& stored, edit::Side to) {
  edit::Change change;
  for (const edit::StoredFile& file : stored.files) {
    edit::FileChange one = file.change;
    if (to == edit::Side::before) std::swap(one.before, one.after);
    change.files.push_back(std::move(one));
  }
  return change;
}

base::Result<int> run_undo(Invocation& invocation, const UndoOptions& options) {
  OC_TRY(auto journal, open_journal(invocation));
  if (options.list) return list_changes(invocation, journal);
  const std::string_view verb = options.to == edit::Side::before ? "undo" : "redo";
  std::int64_t id = 0;
  if (options.id) id = *options.id;
  else {
    OC_TRY(id, find_newest(journal, options.to));
  }
  OC_TRY(const auto stored, journal.find(id));
  if (!stored)
    return base::fail(base::ErrorKind::usage, fmt::format("there is no change number {}", id),
                      "'offline-coder undo --list' shows them");
  Console& console = invocation.console;
  if (!options.yes || !console.is_quiet()) show_change(console, preview(*stored, options.to), DiffStream::errors);
  const bool agreed = options.yes || console.ask(fmt::format("{} change {} ({})?", verb == "undo" ? "Undo" : "Redo", id,
                                                             stored->title));
  if (invocation.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
  if (!agreed)
    return base::fail(base::ErrorKind::denied, "nothing was changed: nobody said yes",
                      "add --yes to go on without being asked");
  const auto strangers =
      options.force ? edit::ChangeJournal::Strangers::overwrite : edit::ChangeJournal::Strangers::refuse;
  OC_TRY(const auto moved,
         options.to == edit::Side::before ? journal.undo(id, strangers) : journal.redo(id, strangers));
  const Json fields = {{"change", id}, {"undone", options.to == edit::Side::before}, {"files", stored->names}};
  console.note(fmt::format("{} {}: {}", options.to == edit::Side::before ? "undid" : "redid", moved.title,
                           joined(stored->names)));
  show_result(invocation, "", fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  std::vector<base::Path> files;
  for (const edit::StoredFile& file : stored->files) files.push_back(file.change.path);
  begin_work_ahead(invocation, files);
  return k_exit_done;
}

void add_one(CommandLine& line, const std::string& name, const std::string& help, edit::Side to) {
  auto options = std::make_shared<UndoOptions>();
  options->to = to;
  Command& command = line.add(name, help, [options](Invocation& invocation) { return run_undo(invocation, *options); });
  command.app->add_flag("--list", options->list, "show the changes, newest first");
  command.app->add_flag("--yes", options->yes, "do not ask");
  command.app->add_flag("--force", options->force, "also where a file was changed since (that can be undone, too)");
  command.app->add_option("change", options->id, "its number (default: the newest)")->type_name("NUMBER");
}

}  // namespace

base::Result<int> undo_newest_change(Invocation& invocation) { return run_undo(invocation, {}); }

void add_undo_commands(CommandLine& line) {
  add_one(line, "undo", "Take the last change of files back, byte for byte", edit::Side::before);
  add_one(line, "redo", "Make an undone change again", edit::Side::after);
}

}  // namespace oc::cli
