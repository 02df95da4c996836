// SPDX-License-Identifier: Apache-2.0
#include "cli/work_ahead.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/system.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/project.hpp"
#include "tasks/warm_up.hpp"

namespace oc::cli {
namespace {

using engine_client::EngineConnection;

// Of a change of many files the first ones: that the next question is about one of them is then unlikely anyway.
constexpr std::size_t k_most_files = 8;
// "Save all" starts several of these processes at once: each refreshes the index, so they take turns. While the engine
// reads a prompt each of their counts waits for a call's end, ten seconds with a 7B; who gave up before would leave the
// text of an older save as the newest.
constexpr std::chrono::minutes k_turn_patience{2};
constexpr std::chrono::milliseconds k_turn_poll{100};

// With the options that this program was given, as far as they say what a request's beginning is.
std::vector<std::string> words_for(const Invocation& invocation, std::vector<std::string> words,
                                   const std::vector<base::Path>& files) {
  const CommonOptions& options = invocation.options;
  // Those of now: a conversation may have another model since. Of two with one key the later wins.
  std::map<std::string, std::string> flags;
  for (const config::Flag& flag : invocation.sources.flags)
    if (flag.name != "--quiet") flags[flag.name] = flag.text;
  for (const auto& [name, text] : flags) words.push_back(fmt::format("{}={}", name, text));
  if (!options.config_file.empty())
    words.push_back("--config=" + base::to_utf8(absolute_path(invocation, options.config_file)));
  if (!options.script.empty()) words.push_back("--script=" + base::to_utf8(absolute_path(invocation, options.script)));
  words.emplace_back("--");
  for (std::size_t i = 0; i < std::min(files.size(), k_most_files); ++i) words.push_back(base::to_utf8(files[i]));
  return words;
}

// An engine of this version that has this model loaded: loading another one is for those who ask for it.
base::Result<bool> has_model_loaded(Invocation& invocation) {
  OC_TRY(auto running, EngineConnection::find_running(invocation.folders));
  if (!running || running->hello().version != version()) return false;
  OC_TRY(const protocol::StatusReply status, running->status());
  if (status.models.empty()) return false;
  OC_TRY(const protocol::ModelReference model, resolve_model(invocation));
  return std::ranges::find(status.models, model.path) != status.models.end();
}

}  // namespace

base::Result<base::FileLock> wait_for_turn(const Invocation& invocation) {
  const auto begun = std::chrono::steady_clock::now();
  while (std::chrono::steady_clock::now() - begun < k_turn_patience && !invocation.cancel.is_requested()) {
    OC_TRY(auto lock, base::FileLock::try_acquire(invocation.folders.runtime / "ahead.lock"));
    if (lock) return std::move(*lock);
    std::this_thread::sleep_for(k_turn_poll);
  }
  return base::fail(base::ErrorKind::conflict, "others are computing ahead");
}

bool is_work_ahead_wanted(const Invocation& invocation) {
  const config::WarmUp wanted = invocation.settings.settings().engine.warm_up;
  if (wanted == config::WarmUp::never || invocation.options.in_batch || invocation.options.dry_run) return false;
  return wanted == config::WarmUp::always || !base::is_on_battery();
}

protocol::Power power_of_work_ahead(const Invocation& invocation) {
  const bool is_always = invocation.settings.settings().engine.warm_up == config::WarmUp::always;
  return is_always ? protocol::Power::any : protocol::Power::mains;
}

std::int64_t begin_chat_ahead(const Invocation& invocation, const std::vector<std::string>& words,
                              const std::vector<base::Path>& files) {
  if (!is_work_ahead_wanted(invocation)) return 0;
  const auto program = base::current_executable();
  if (!program || !engine_client::prepare_folders(invocation.folders)) return 0;
  const auto newest = static_cast<std::ptrdiff_t>(files.size() - std::min(files.size(), k_most_files));
  const base::Command command{*program, words_for(invocation, words, {files.begin() + newest, files.end()})};
  return base::start_detached(command, engine_client::log_file(invocation.folders)).value_or(0);
}

WorkAhead begin_work_ahead(const Invocation& invocation, const std::vector<base::Path>& files,
                           const base::Path& folder) {
  if (!is_work_ahead_wanted(invocation)) return WorkAhead::unwanted;
  if (!EngineConnection::is_listening(invocation.folders)) return WorkAhead::no_engine;
  const auto program = base::current_executable();
  if (!program) return WorkAhead::unwanted;
  const base::Command command{*program, words_for(invocation, {"engine", "saved", "--here", "--quiet"}, files)};
  std::error_code code;
  // Its working directory is this one's, which has little left to do.
  if (!folder.empty()) std::filesystem::current_path(folder, code);
  if (code) return WorkAhead::unwanted;
  const auto started = base::start_detached(command, engine_client::log_file(invocation.folders));
  return started ? WorkAhead::begun : WorkAhead::unwanted;
}

void begin_first_work_ahead(const Invocation& invocation) {
  if (EngineConnection::is_listening(invocation.folders) || !invocation.console.shows_text_live()) {
    begin_work_ahead(invocation, {});
    return;
  }
  const auto program = base::current_executable();
  if (!is_work_ahead_wanted(invocation) || !program || !engine_client::prepare_folders(invocation.folders)) return;
  const base::Command command{*program, words_for(invocation, {"engine", "saved", "--here", "--load", "--quiet"}, {})};
  static_cast<void>(base::start_detached(command, engine_client::log_file(invocation.folders)));
}

base::Result<void> queue_work_ahead(Invocation& invocation, const std::vector<std::string>& files, MayLoad may_load) {
  if (!is_work_ahead_wanted(invocation)) return {};
  OC_TRY(const auto turn, wait_for_turn(invocation));
  if (may_load == MayLoad::no) {
    OC_TRY(const bool is_loaded, has_model_loaded(invocation));
    if (!is_loaded) return {};
  }
  const tasks::EventSink nobody = [](const tasks::Event&) {};
  OC_TRY(auto session, open_session(invocation, nobody));
  // Only now: a busy engine may have let this process wait, and the files are wanted as they are.
  OC_TRY(auto project, find_project(invocation));
  tasks::WarmUpRequest request;
  request.project = project ? &*project : nullptr;
  for (const std::string& name : files)
    // What is gone, too large or secret by now is no error of anybody's.
    if (auto loaded = load_files(invocation, {name}, "")) request.files.push_back(std::move(loaded->front()));
  return tasks::warm_up_later(session, request, power_of_work_ahead(invocation));
}

}  // namespace oc::cli
