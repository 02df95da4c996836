// SPDX-License-Identifier: Apache-2.0
#include "cli/invocation.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/system.hpp"
#include "cli/build_facts.hpp"
#include "cli/model_folders.hpp"

namespace oc::cli {
namespace {

Colour colour_of(config::ColorMode mode) {
  switch (mode) {
    case config::ColorMode::always: return Colour::always;
    case config::ColorMode::never: return Colour::never;
    case config::ColorMode::automatic: return Colour::automatic;
  }
  return Colour::automatic;
}

Format format_of(const std::string& word) {
  return word == "json" ? Format::json : word == "jsonl" ? Format::jsonl : Format::text;
}

struct Workspace {
  base::Path folder;
  WorkspaceMark mark;
};

// The project a folder belongs to: marked by .offline-coder, else by .git, else just the folder.
Workspace find_workspace(const config::LoadedSettings& settings, const base::Path& folder) {
  if (settings.workspace()) return {*settings.workspace(), WorkspaceMark::settings};
  for (base::Path at = folder;; at = at.parent_path()) {
    std::error_code ignored;
    if (std::filesystem::exists(at / ".git", ignored)) return {at, WorkspaceMark::repository};
    if (at == at.parent_path()) return {folder, WorkspaceMark::none};
  }
}

// What they answer reads well whether it is right or not; a completed line is judged at a glance.
bool is_believed(std::string_view command) { return command == "gen" || command == "explain" || command == "debug"; }

// Those of a running engine; none where there is no engine, or it does not answer.
std::vector<base::Path> loaded_models(const Invocation& invocation) {
  auto engine = engine_client::EngineConnection::find_running(invocation.folders);
  if (!engine || !*engine || (*engine)->hello().version != version()) return {};
  const auto status = (*engine)->status();
  std::vector<base::Path> paths;
  if (status)
    for (const std::string& path : status->models) paths.push_back(base::path_from_utf8(path));
  return paths;
}

}  // namespace

std::string version() { return k_version_text; }

base::Result<Invocation> prepare_invocation(const std::string& command, const CommonOptions& options) {
  OC_TRY(base::UserFolders folders, base::find_user_folders());
  std::error_code code;
  const base::Path working_directory = std::filesystem::current_path(code);
  if (code)
    return base::fail(base::ErrorKind::io, fmt::format("cannot find the working directory: {}", code.message()));
  config::Sources sources;
  sources.user_folder = folders.config;
  sources.working_directory = working_directory;
  sources.environment = base::environment_variables("OFFLINE_CODER_");
  for (const char* name : {"HOME", "USERPROFILE"})  // what "~/" stands for; the first that is there
    if (const auto home = base::environment_variable(name)) {
      sources.environment.emplace_back("HOME", *home);
      break;
    }
  sources.flags = options.flags;
  if (options.quiet) sources.flags.push_back({"--quiet", "output.quiet", "true"});
  if (!options.config_file.empty()) sources.config_file = working_directory / base::path_from_utf8(options.config_file);
  OC_TRY(config::LoadedSettings settings, config::load_settings(sources));
  const auto& output = settings.settings().output;
  const Verbosity verbosity = output.quiet      ? Verbosity::quiet
                              : options.verbose ? Verbosity::verbose
                                                : Verbosity::normal;
  Console console({format_of(options.format), colour_of(output.color), verbosity});
  for (const std::string& warning : settings.warnings()) console.note(warning);
  const Workspace workspace = find_workspace(settings, working_directory);
  return Invocation{command,
                    options,
                    std::move(sources),
                    std::move(settings),
                    std::move(folders),
                    working_directory,
                    workspace.folder,
                    workspace.mark,
                    std::move(console),
                    {},
                    {}};
}

base::Result<engine_client::EngineOptions> engine_options(const Invocation& invocation) {
  engine_client::EngineOptions options;
  OC_TRY(options.program, engine_client::find_engine_program());
  options.folders = invocation.folders;
  options.version = version();
  const config::Settings::Engine& engine = invocation.settings.settings().engine;
  options.idle_seconds = std::chrono::duration<double>(engine.idle_time).count();
  options.memory_bytes = engine.memory.value;
  options.kv_bytes = engine.kv_bytes.value;
  // Somebody types: to begin with, its counting must not wait for the end of an answer.
  if (invocation.command == "complete") options.priority = protocol::Priority::completion;
  if (invocation.options.in_batch) options.priority = protocol::Priority::batch;
  options.is_ahead = invocation.command == "engine saved";
  return options;
}

base::Result<tasks::LibraryModel> choose_default_model(const Invocation& invocation,
                                                       const tasks::ModelLibrary& library) {
  base::ByteCount memory = base::memory_facts().available;
  if (const base::ByteCount most = invocation.settings.settings().engine.memory; most.value > 0)
    memory = std::min(memory, most);
  return library.choose_default(memory, loaded_models(invocation));
}

base::Result<protocol::ModelReference> resolve_model(Invocation& invocation) {
  const config::Settings& settings = invocation.settings.settings();
  protocol::ModelReference reference;
  reference.context_tokens = static_cast<int>(settings.model.context.value);
  reference.threads = settings.model.threads;
  if (!invocation.options.script.empty()) {
    const base::Path script = invocation.working_directory / base::path_from_utf8(invocation.options.script);
    OC_TRY(const auto there, base::find_file_facts(script));
    if (!there) return base::fail(base::ErrorKind::usage, fmt::format("there is no script {}", base::display(script)));
    reference.kind = protocol::ModelReference::Kind::script;
    reference.path = base::to_utf8(script);
    return reference;
  }
  const tasks::ModelLibrary library(model_folders(invocation));
  const bool has_own = invocation.command == "complete" && !settings.completion.model.empty();
  const std::string& name = has_own ? settings.completion.model : settings.model.name;
  const auto found =
      name.empty() ? choose_default_model(invocation, library) : library.find(name, invocation.working_directory);
  if (!found) return std::unexpected(found.error());
  if (found->name == tasks::k_starter_name && (name.empty() || is_believed(invocation.command)))
    invocation.console.note(
        "using the small starter model, which is for trying things out; import a real one with 'offline-coder model "
        "import FILE.gguf'");
  reference.path = base::to_utf8(found->path);
  if (!settings.engine.draft_model.empty() && !has_own) {
    OC_TRY(const auto draft, library.find(settings.engine.draft_model, invocation.working_directory));
    reference.draft = base::to_utf8(draft.path);
  }
  return reference;
}

base::Result<tasks::TokenCounter> open_token_counter(Invocation& invocation) {
  OC_TRY(auto engine, engine_options(invocation));
  OC_TRY(auto model, resolve_model(invocation));
  return tasks::TokenCounter(std::move(engine), std::move(model), invocation.cancel);
}

base::Result<tasks::ModelSession> open_session(Invocation& invocation, const tasks::EventSink& sink) {
  const auto& generation = invocation.settings.settings().generation;
  tasks::ModelSession::Options options;
  OC_TRY(options.engine, engine_options(invocation));
  OC_TRY(options.model, resolve_model(invocation));
  options.generation.max_tokens = generation.max_tokens;
  options.generation.system = generation.system;
  options.generation.sampling = {generation.temperature, generation.top_k, generation.top_p,
                                 generation.min_p,       generation.seed,  ""};
  if (invocation.options.in_batch) options.priority = protocol::Priority::batch;
  if (invocation.options.dry_run) options.run = tasks::ModelSession::Options::Run::forecast;
  return tasks::ModelSession::open(options, sink, invocation.cancel);
}

}  // namespace oc::cli
