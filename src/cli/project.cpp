// SPDX-License-Identifier: Apache-2.0
#include "cli/project.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::cli {
namespace {

std::string to_words(const context::RefreshProgress& progress) {
  using Stage = context::RefreshProgress::Stage;
  const std::string done = base::format_count(static_cast<std::int64_t>(progress.done));
  switch (progress.stage) {
    case Stage::finding: return fmt::format("looking for files: {}", done);
    case Stage::reading:
      return fmt::format("indexing: {} of {} files", done,
                         base::format_count(static_cast<std::int64_t>(progress.total)));
    case Stage::linking: return "indexing: linking names to files";
  }
  return {};
}

}  // namespace

tasks::ProjectOptions project_options(const Invocation& invocation, ScanPatience patience) {
  const config::Settings& settings = invocation.settings.settings();
  tasks::ProjectOptions options;
  options.workspace = invocation.workspace;
  options.cache_folder = invocation.folders.cache;
  options.file_limit = settings.limits.file_bytes;
  options.budget = settings.context.tokens;
  options.map_budget = settings.context.map_tokens;
  if (patience == ScanPatience::as_configured) options.time_limit = settings.context.scan_time;
  return options;
}

base::Result<tasks::Project> open_project(Invocation& invocation, ScanPatience patience) {
  Console& console = invocation.console;
  tasks::ProjectOptions options = project_options(invocation, patience);
  options.tell = [&console](const std::string& note) { console.note(note); };
  auto project = tasks::Project::open(options, invocation.cancel, [&console](const context::RefreshProgress& progress) {
    console.status(to_words(progress));
  });
  console.status("");
  if (!project) return project;
  for (const std::string& note : project->refreshed().notes) console.note(note);
  return project;
}

base::Result<std::optional<tasks::Project>> find_project(Invocation& invocation) {
  const auto& wanted = invocation.settings.settings().context;
  if (invocation.workspace_mark == WorkspaceMark::none || wanted.tokens.value + wanted.map_tokens.value == 0)
    return std::nullopt;
  auto project = open_project(invocation, ScanPatience::as_configured);
  if (!project) {
    if (project.error().kind == base::ErrorKind::cancelled) return std::unexpected(project.error());
    invocation.console.note(fmt::format("going on without the rest of the project: {}", project.error().message));
    return std::nullopt;
  }
  if (project->refreshed().left > 0)
    invocation.console.note(
        fmt::format("the index is not complete yet: {} of {} files are left; 'offline-coder scan' reads them all",
                    base::format_count(static_cast<std::int64_t>(project->refreshed().left)),
                    base::format_count(static_cast<std::int64_t>(project->refreshed().found))));
  return std::optional<tasks::Project>(std::move(*project));
}

}  // namespace oc::cli
