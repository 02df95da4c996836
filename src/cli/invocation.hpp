// SPDX-License-Identifier: Apache-2.0
// One run of the program: what the command line, the configuration and the environment came to, ready for a command.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/cancel.hpp"
#include "base/clock.hpp"
#include "base/user_folders.hpp"
#include "cli/console.hpp"
#include "config/loader.hpp"
#include "tasks/model_library.hpp"
#include "tasks/model_session.hpp"
#include "tasks/token_counter.hpp"

namespace oc::cli {

// Options that every command takes; texts are checked by the configuration's table.
struct CommonOptions {
  std::string format = "text";
  bool verbose = false;
  bool quiet = false;
  std::string config_file;
  std::string script;
  bool explain_context = false;     // print the ledger before the answer
  bool in_batch = false;            // one of many requests of a batch: it goes after what people wait for
  bool takes_sarif = false;         // --format sarif; the command prints it itself
  bool dry_run = false;             // say how long it would take, and stop
  std::vector<config::Flag> flags;  // --model, --threads, …: values for keys of the configuration
};

// What makes a folder a project: settings of its own (.offline-coder) or a repository.
enum class WorkspaceMark { none, settings, repository };

struct Invocation {
  std::string command;
  CommonOptions options;
  config::Sources sources;
  config::LoadedSettings settings;
  base::UserFolders folders;
  base::Path working_directory;
  base::Path workspace;  // the folder with .offline-coder, else the repository's top, else the working directory
  WorkspaceMark workspace_mark;
  Console console;
  base::CancelToken cancel;
  base::Stopwatch watch;  // since the program's start
};

// Reads the configuration. Kinds: configuration, usage, io.
base::Result<Invocation> prepare_invocation(const std::string& command, const CommonOptions& options);

// How the engine is started for this run. Kind `engine` when it is missing.
base::Result<engine_client::EngineOptions> engine_options(const Invocation& invocation);
// What to use when nothing is configured: the largest model of the library that fits, or is loaded already. A loaded
// one takes the memory that it was chosen for: without that the next command would take a smaller one, and the one
// after that the large one again. Kind `model` when there is none.
base::Result<tasks::LibraryModel> choose_default_model(const Invocation& invocation,
                                                       const tasks::ModelLibrary& library);
// The model that --model, the configuration or the folders name, as the engine wants it; tells once when it is the
// starter model because there is no other, and in gen, explain and debug also when it was named. Kind `model` with what
// to do when there is none.
base::Result<protocol::ModelReference> resolve_model(Invocation& invocation);
base::Result<tasks::ModelSession> open_session(Invocation& invocation, const tasks::EventSink& sink);
// Counts with the vocabulary of resolve_model()'s model; starts no engine before there is something to count.
base::Result<tasks::TokenCounter> open_token_counter(Invocation& invocation);

// "0.1.0".
std::string version();

}  // namespace oc::cli
