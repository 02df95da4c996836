// SPDX-License-Identifier: Apache-2.0
// session list|show|delete|export|search: the conversations that are kept.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/session_text.hpp"
#include "sessions/session_store.hpp"

namespace oc::cli {
namespace {

using sessions::SessionStore;
using Json = nlohmann::ordered_json;

struct SessionOptions {
  std::vector<std::int64_t> ids;
  std::vector<std::string> words;
  bool all = false;
  std::int64_t most = 50;
};

base::Result<std::optional<SessionStore>> open_store(Invocation& invocation) {
  OC_TRY(auto store, SessionStore::open_existing(invocation.folders.data));
  if (store)
    for (const std::string& note : store->notes()) invocation.console.note(note);
  return store;
}

std::optional<base::Path> wanted_workspace(const Invocation& invocation, const SessionOptions& options) {
  return options.all ? std::nullopt : std::optional(invocation.workspace);
}

std::unexpected<base::Error> no_session(std::int64_t id) {
  return base::fail(base::ErrorKind::usage, fmt::format("there is no session {}", id),
                    "'offline-coder session list --all' shows them");
}

std::string dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

base::Result<int> run_list(Invocation& invocation, const SessionOptions& options) {
  std::vector<sessions::Session> found;
  OC_TRY(auto store, open_store(invocation));
  if (store) {
    OC_TRY(found, store->list(wanted_workspace(invocation, options)));
  }
  std::vector<std::vector<std::string>> rows;
  Json fields = {{"sessions", Json::array()}};
  for (const sessions::Session& session : found) {
    rows.push_back({std::to_string(session.id), shown_time(session.used_s),
                    fmt::format("{} {}", session.turns, session.turns == 1 ? "turn" : "turns"), session.title});
    if (options.all) rows.back().push_back(base::display(session.workspace));
    fields["sessions"].push_back(Json::parse(session_json(session), nullptr, false));
  }
  if (found.empty() && invocation.console.format() == Format::text)
    invocation.console.note(options.all ? "there are no sessions" : "there are no sessions in this workspace");
  show_result(invocation, in_columns(rows), dump(fields));
  return k_exit_done;
}

// show and export are one: Markdown as text, or JSON.
base::Result<int> run_show(Invocation& invocation, const SessionOptions& options) {
  const std::int64_t id = options.ids.front();
  OC_TRY(auto store, open_store(invocation));
  if (!store) return no_session(id);
  OC_TRY(const auto session, store->find(id));
  if (!session) return no_session(id);
  OC_TRY(const auto turns, store->turns(id));
  const Json fields = {{"session", Json::parse(session_json(*session, turns), nullptr, false)}};
  show_result(invocation, session_markdown(*session, turns), dump(fields));
  return k_exit_done;
}

base::Result<int> run_delete(Invocation& invocation, const SessionOptions& options) {
  OC_TRY(auto store, open_store(invocation));
  for (const std::int64_t id : options.ids) {
    if (!store) return no_session(id);
    OC_TRY(const auto session, store->find(id));
    if (!session) return no_session(id);
    OC_TRY(const auto lock, store->try_lock(id));
    if (!lock)
      return base::fail(base::ErrorKind::conflict, fmt::format("session {} is in use by another program", id),
                        "end that conversation first");
    OC_CHECK(store->remove(id));
    invocation.console.note(fmt::format("deleted session {} ({})", id, session->title));
  }
  show_result(invocation, "", dump(Json{{"deleted", options.ids}}));
  return k_exit_done;
}

// Exit code 1 where nothing is found, as grep has it.
base::Result<int> run_search(Invocation& invocation, const SessionOptions& options) {
  std::string words;
  for (const std::string& word : options.words) (words += word) += ' ';
  std::vector<SessionStore::Found> found;
  OC_TRY(auto store, open_store(invocation));
  if (store) {
    OC_TRY(found, store->search(words, wanted_workspace(invocation, options), options.most));
  }
  std::vector<std::vector<std::string>> rows;
  Json fields = {{"found", Json::array()}};
  for (const SessionStore::Found& one : found) {
    rows.push_back({std::to_string(one.session), one.title, one.excerpt});
    fields["found"].push_back(
        {{"session", one.session}, {"turn", one.turn}, {"title", one.title}, {"excerpt", one.excerpt}});
  }
  show_result(invocation, in_columns(rows), dump(fields));
  return found.empty() ? k_exit_negative : k_exit_done;
}

using Run = base::Result<int> (*)(Invocation&, const SessionOptions&);

Command& add_one(CommandLine& line, const std::string& name, const std::string& help,
                 const std::shared_ptr<SessionOptions>& options, Run run) {
  return line.add("session " + name, help,
                  [options, run](Invocation& invocation) { return run(invocation, *options); });
}

void add_ids(Command& command, SessionOptions& options, int most) {
  CLI::Option* ids =
      command.app->add_option("id", options.ids, "the number of the session")->required()->type_name("ID");
  if (most == 1) ids->expected(1);
}

}  // namespace

void add_session_commands(CommandLine& line) {
  line.add("session", "The conversations that 'chat' keeps: list, show, export, delete, search", nullptr);
  auto list = std::make_shared<SessionOptions>();
  Command& list_row = add_one(line, "list", "Show the conversations of this workspace, newest first", list, run_list);
  list_row.app->add_flag("--all", list->all, "of all workspaces");
  auto show = std::make_shared<SessionOptions>();
  add_ids(add_one(line, "show", "Show a conversation", show, run_show), *show, 1);
  auto exported = std::make_shared<SessionOptions>();
  Command& export_row =
      add_one(line, "export", "Print a conversation as Markdown, or with --format json all that is kept of it",
              exported, run_show);
  add_ids(export_row, *exported, 1);
  auto removed = std::make_shared<SessionOptions>();
  add_ids(add_one(line, "delete", "Delete conversations", removed, run_delete), *removed, 0);
  auto search = std::make_shared<SessionOptions>();
  Command& search_row =
      add_one(line, "search", "Find words in questions and answers; exit code 1 if there are none", search, run_search);
  search_row.app->add_flag("--all", search->all, "in all workspaces");
  search_row.app->add_option("--most", search->most, "so many places at most")->check(CLI::Range(1, 10'000));
  search_row.app->add_option("words", search->words, "all of them have to stand there; a word may go on")->required();
}

}  // namespace oc::cli
