// SPDX-License-Identifier: Apache-2.0
// engine warm, engine saved: what the next requests will begin with is computed now, or when nobody asks.
#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
#include "cli/work_ahead.hpp"
#include "tasks/warm_up.hpp"

namespace oc::cli {
namespace {

struct WarmOptions {
  std::vector<std::string> files;
};

base::Result<int> run_warm(Invocation& invocation, const WarmOptions& options) {
  tasks::WarmUpRequest request;
  OC_TRY(request.files, load_files_and_folders(invocation, options.files, ""));
  AnswerView view(invocation, AnswerShape::hidden);
  OC_TRY(auto project, find_project(invocation));
  request.project = project ? &*project : nullptr;
  OC_TRY(auto session, open_session(invocation, view.sink()));
  OC_TRY(const tasks::WarmedUp warmed, tasks::warm_up(session, request));
  invocation.console.status("");
  const std::string text =
      fmt::format("{} {} ready: {} tokens, {} of them were computed before, {:.1f} s\n",
                  base::format_count(static_cast<std::int64_t>(warmed.prompts)),
                  warmed.prompts == 1 ? "beginning is" : "beginnings are", base::format_count(warmed.tokens.value),
                  base::format_count(warmed.cached.value), invocation.watch.elapsed_ms() / 1000);
  const nlohmann::ordered_json fields = {
      {"prompts", warmed.prompts}, {"tokens", warmed.tokens.value}, {"cached_tokens", warmed.cached.value}};
  show_result(invocation, text, fields.dump());
  return k_exit_done;
}

struct SavedOptions {
  std::vector<std::string> files;
  bool here = false;  // in this process, which nobody waits for
  bool load = false;  // start the engine and load the model where that is not done
};

// An editor may be anywhere when it says that a file was saved: the project is the one that the file lies in.
base::Path folder_of(const Invocation& invocation, const std::vector<base::Path>& files) {
  std::error_code ignored;
  if (files.empty() || !std::filesystem::is_directory(files.front().parent_path(), ignored))
    return invocation.working_directory;
  return files.front().parent_path();
}

base::Result<int> run_saved(Invocation& invocation, const SavedOptions& options) {
  if (options.here) {
    OC_CHECK(queue_work_ahead(invocation, options.files, options.load ? MayLoad::yes : MayLoad::no));
    return k_exit_done;
  }
  std::vector<base::Path> files;
  for (const std::string& name : options.files) files.push_back(absolute_path(invocation, name));
  const WorkAhead outcome = begin_work_ahead(invocation, files, folder_of(invocation, files));
  if (invocation.console.is_verbose() && outcome != WorkAhead::begun)
    invocation.console.note(outcome == WorkAhead::no_engine ? "no engine runs, nothing is computed ahead"
                                                            : "nothing is computed ahead (engine.warm_up)");
  show_result(invocation, "", nlohmann::ordered_json({{"begun", outcome == WorkAhead::begun}}).dump());
  return k_exit_done;
}

}  // namespace

void add_warm_command(CommandLine& line) {
  auto options = std::make_shared<WarmOptions>();
  Command& warm = line.add("engine warm", "Compute now what the next requests will begin with",
                           [options](Invocation& invocation) { return run_warm(invocation, *options); });
  warm.app->add_option("files", options->files, "files and folders that the requests will be about")
      ->type_name("FILES");
  CommandLine::add_context_options(warm);

  auto saved_options = std::make_shared<SavedOptions>();
  Command& saved = line.add("engine saved",
                            "For editors and hooks: files were saved, compute in idle time what questions begin with",
                            [saved_options](Invocation& invocation) { return run_saved(invocation, *saved_options); });
  saved.app->add_option("files", saved_options->files, "the files, of one project")->type_name("FILES");
  saved.app->add_flag("--here", saved_options->here)->group("");  // for this program itself
  saved.app->add_flag("--load", saved_options->load)->group("");
  CommandLine::add_generation_options(saved);
  CommandLine::add_context_options(saved);
}

}  // namespace oc::cli
