// SPDX-License-Identifier: Apache-2.0
// engine warm: computes now what the next requests will begin with.
#include "cli/commands/warm_command.hpp"

#include <memory>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/system.hpp"
#include "base/text.hpp"
#include "cli/answer_view.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
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

base::Result<void> try_to_warm_up(Invocation& invocation, const tasks::WarmUpRequest& request) {
  const config::WarmUp wanted = invocation.settings.settings().engine.warm_up;
  if (wanted == config::WarmUp::never || (wanted == config::WarmUp::plugged_in && base::is_on_battery())) return {};
  OC_TRY(auto running, engine_client::EngineConnection::find_running(invocation.folders));
  if (!running) return {};
  OC_TRY(const protocol::StatusReply status, running->status());
  if (status.model.empty()) return {};
  OC_TRY(const protocol::ModelReference model, resolve_model(invocation));
  if (status.model != model.path) return {};  // loading another one is for those who ask for it
  const tasks::EventSink nobody = [](const tasks::Event&) {};
  OC_TRY(auto session, open_session(invocation, nobody));
  return tasks::warm_up_later(session, request);
}

}  // namespace

void warm_up_later(Invocation& invocation, tasks::Project* project, std::vector<tasks::FilePart> files) {
  if (auto tried = try_to_warm_up(invocation, {std::move(files), project}); !tried && invocation.console.is_verbose())
    invocation.console.note(fmt::format("nothing is computed ahead: {}", tried.error().message));
}

void add_warm_command(CommandLine& line) {
  auto options = std::make_shared<WarmOptions>();
  Command& warm = line.add("engine warm", "Compute now what the next requests will begin with",
                           [options](Invocation& invocation) { return run_warm(invocation, *options); });
  warm.app->add_option("files", options->files, "files and folders that the requests will be about")
      ->type_name("FILES");
  CommandLine::add_context_options(warm);
}

}  // namespace oc::cli
