// SPDX-License-Identifier: Apache-2.0
// clear: deletes what offline-coder has computed, about this project or for all of them, and says how much that was.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
#include "context/project_index.hpp"
#include "kv/store.hpp"
#include "sessions/session_store.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ClearOptions {
  bool cache = false, summaries = false, kv = false, sessions = false, all = false;
};

struct Cleared {
  std::string what;
  base::ByteCount bytes;
};

base::Result<Cleared> clear_index(const Invocation& invocation, const base::Path& file) {
  Cleared cleared{"index", {}};
  const base::Path old = context::user_index_place(invocation.workspace, invocation.folders.cache).file;
  for (const base::Path& each : {file, old}) {
    OC_TRY(const base::ByteCount bytes, context::size_of_index(each));
    OC_CHECK(context::remove_index(each));
    cleared.bytes += bytes;
  }
  return cleared;
}

base::Result<Cleared> clear_summaries(const Invocation& invocation, const base::Path& file) {
  OC_TRY(const auto there, base::find_file_facts(file));
  if (!there) return Cleared{"summaries", {}};
  OC_TRY(auto index, context::ProjectIndex::open(
                         {invocation.workspace, file, invocation.settings.settings().limits.file_bytes, nullptr}));
  OC_TRY(const base::ByteCount bytes, index.remove_summaries());
  return Cleared{"summaries", bytes};
}

base::Path kv_folder(const Invocation& invocation) { return invocation.folders.cache / "kv"; }

base::Result<Cleared> clear_kv(const Invocation& invocation) {
  OC_TRY(const base::ByteCount bytes, kv::clear(kv_folder(invocation)));
  return Cleared{"kv", bytes};
}

// What users said and were answered cannot be made again: only where it was named.
base::Result<Cleared> clear_sessions(const Invocation& invocation) {
  const base::ByteCount bytes = sessions::SessionStore::size(invocation.folders.data);
  OC_CHECK(sessions::SessionStore::remove_all(invocation.folders.data));
  return Cleared{"sessions", bytes};
}

base::Result<int> run_clear(Invocation& invocation, const ClearOptions& options) {
  if (!options.cache && !options.summaries && !options.kv && !options.sessions && !options.all)
    return base::fail(base::ErrorKind::usage, "nothing was named to clear",
                      "--cache: the index; --summaries: what models wrote about files; --kv: what models computed, "
                      "for all projects; --sessions: all conversations; --all: everything");
  const context::IndexPlace place = context::find_index_place(invocation.workspace, invocation.folders.cache);
  std::vector<Cleared> cleared;
  if (options.cache || options.all) {
    OC_TRY(cleared.emplace_back(), clear_index(invocation, place.file));  // the summaries lie in it
    if (options.summaries || options.all) cleared.back().what = "index and summaries";
  } else if (options.summaries) {
    OC_TRY(cleared.emplace_back(), clear_summaries(invocation, place.file));
  }
  if (options.kv || options.all) {
    OC_TRY(cleared.emplace_back(), clear_kv(invocation));
  }
  if (options.sessions || options.all) {
    OC_TRY(cleared.emplace_back(), clear_sessions(invocation));
  }
  std::string text;
  Json fields = {
      {"index", base::to_utf8(place.file)}, {"kv", base::to_utf8(kv_folder(invocation))}, {"cleared", Json::array()}};
  for (const Cleared& one : cleared) {
    text += fmt::format("{}: {} deleted\n", one.what, base::format_bytes(one.bytes));
    fields["cleared"].push_back({{"what", one.what}, {"bytes", one.bytes.value}});
  }
  show_result(invocation, text, fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  return k_exit_done;
}

}  // namespace

void add_clear_command(CommandLine& line) {
  auto options = std::make_shared<ClearOptions>();
  Command& clear =
      line.add("clear", "Delete what was computed, which is made again when needed, or conversations, which are not",
               [options](Invocation& invocation) { return run_clear(invocation, *options); });
  clear.app->add_flag("--cache", options->cache, "the index, with the summaries that lie in it");
  clear.app->add_flag("--summaries", options->summaries, "only what models wrote about files");
  clear.app->add_flag("--kv", options->kv, "what models computed while they read prompts, of all projects");
  clear.app->add_flag("--sessions", options->sessions, "all conversations, of all projects; nothing brings them back");
  clear.app->add_flag("--all", options->all, "everything, the conversations included");
}

}  // namespace oc::cli
