// SPDX-License-Identifier: Apache-2.0
// scan: brings the index of a project up to date and says what it did; --list names the files in it.
#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/answer_inputs.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/project.hpp"
#include "cli/work_ahead.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ScanOptions {
  std::string directory;
  bool list = false, null = false;
};

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", base::format_count(static_cast<std::int64_t>(number)), number == 1 ? one : many);
}

std::string skipped_by_reason(const std::vector<context::SkippedPath>& skipped) {
  std::map<context::SkipReason, std::size_t> counts;
  for (const context::SkippedPath& path : skipped) ++counts[path.reason];
  std::string text;
  for (const auto& [reason, number] : counts)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", number, context::to_string(reason));
  return text;
}

// A name that is no UTF-8, or would draw on the terminal, is shown escaped; --null gives the bytes.
std::string shown(const std::string& path) {
  std::string quoted = base::in_quotes(path);
  return quoted.size() == path.size() + 2 ? path : quoted;
}

base::Result<int> list_files(Invocation& invocation, tasks::Project& project, bool null) {
  OC_TRY(auto rows, project.index().ask([](context::IndexQuery query) { return query.load_files(); }));
  std::ranges::sort(rows, {}, &context::FileRow::path);
  if (invocation.console.format() != Format::text) {
    Json files = Json::array();
    for (const context::FileRow& row : rows) files.push_back(row.path);
    show_result(invocation, "", Json({{"files", files}}).dump(-1, ' ', false, Json::error_handler_t::replace));
    return k_exit_done;
  }
  std::string text;
  for (const context::FileRow& row : rows) text.append(null ? row.path : shown(row.path)).append(1, null ? '\0' : '\n');
  invocation.console.out(text);
  return k_exit_done;
}

Json to_json(const context::RefreshOutcome& outcome) {
  Json skipped = Json::array();
  for (const context::SkippedPath& path : outcome.skipped)
    skipped.push_back({{"path", path.path}, {"reason", context::to_string(path.reason)}});
  return {{"indexed", outcome.indexed},
          {"read", outcome.read},
          {"changed", outcome.changed},
          {"removed", outcome.removed},
          {"skipped", skipped}};
}

base::Result<int> summarise(Invocation& invocation, const tasks::Project& project) {
  const context::RefreshOutcome& outcome = project.refreshed();
  std::string text =
      fmt::format("{} indexed: {} new or changed, {} removed, {:.1f} s\n", count(outcome.indexed, "file", "files"),
                  base::format_count(static_cast<std::int64_t>(outcome.changed)),
                  base::format_count(static_cast<std::int64_t>(outcome.removed)), invocation.watch.elapsed_ms() / 1000);
  if (!outcome.skipped.empty())
    text += fmt::format("{} skipped: {}\n", count(outcome.skipped.size(), "path", "paths"),
                        skipped_by_reason(outcome.skipped));
  if (invocation.console.is_verbose())
    for (const context::SkippedPath& path : outcome.skipped)
      text += fmt::format("  {}: {}\n", context::to_string(path.reason), shown(path.path));
  Json fields = to_json(outcome);
  fields["index"] = base::to_utf8(project.place().file);
  show_result(invocation, text, fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!project.place().in_workspace && invocation.console.is_verbose())
    invocation.console.note(fmt::format("the index lies in {}", base::display(project.place().file)));
  return k_exit_done;
}

base::Result<int> run_scan(Invocation& invocation, const ScanOptions& options) {
  if (options.null && !options.list)
    return base::fail(base::ErrorKind::usage, "--null needs --list", "it ends each path of the list with a zero byte");
  if (!options.directory.empty()) {
    invocation.workspace = absolute_path(invocation, options.directory);
    std::error_code code;
    if (!std::filesystem::is_directory(invocation.workspace, code))
      return base::fail(base::ErrorKind::usage,
                        fmt::format("there is no folder {}", base::display(invocation.workspace)),
                        "name a folder with --directory");
  }
  OC_TRY(tasks::Project project, open_project(invocation, ScanPatience::unlimited));
  OC_TRY(const int code, options.list ? list_files(invocation, project, options.null) : summarise(invocation, project));
  if (!options.list) begin_work_ahead(invocation, {}, invocation.workspace);
  return code;
}

}  // namespace

void add_scan_command(CommandLine& line) {
  auto options = std::make_shared<ScanOptions>();
  Command& scan = line.add("scan", "Bring the index of the project up to date; other commands do so by themselves",
                           [options](Invocation& invocation) { return run_scan(invocation, *options); });
  scan.app->add_option("--directory", options->directory, "the project's folder (default: the one this lies in)")
      ->type_name("DIR");
  scan.app->add_flag("--list", options->list, "print the paths of the files in the index");
  scan.app->add_flag("--null", options->null, "with --list: end each path with a zero byte instead of a newline");
}

}  // namespace oc::cli
