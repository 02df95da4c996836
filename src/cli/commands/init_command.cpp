// SPDX-License-Identifier: Apache-2.0
// init: a project's settings file and tasks for VS Code, in the working directory. Nothing that is there is lost.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/files.hpp"
#include "base/process.hpp"
#include "base/text.hpp"
#include "cli/command_line.hpp"
#include "cli/commands/command_result.hpp"
#include "cli/exit_code.hpp"
#include "cli/work_ahead.hpp"
#include "config/templates.hpp"
#include "context/project_index.hpp"
#include "edit/vscode_tasks.hpp"

namespace oc::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr base::ByteCount k_tasks_limit{1'000'000};
struct Task {
  std::string_view label;
  std::string_view detail;
  std::vector<std::string_view> arguments;
};
struct Input {
  std::string_view id;
  std::string_view description;
};

// Type "process": no shell sees the names of files or what is typed.
std::vector<Task> all_tasks() {
  return {{"offline-coder: explain file", "What this file does", {"explain", "--file", "${file}"}},
          {"offline-coder: explain line",
           "What the line with the cursor does",
           {"explain", "--file", "${file}", "--lines", "${lineNumber}"}},
          {"offline-coder: ask about file",
           "Answer a question about this file",
           {"explain", "--file", "${file}", "--", "${input:offlineCoderQuestion}"}},
          {"offline-coder: debug file",
           "Find the cause of an error in this file",
           {"debug", "--file", "${file}", "--error=${input:offlineCoderError}"}},
          {"offline-coder: complete at line",
           "What could follow the line with the cursor",
           {"complete", "--file", "${file}", "--line", "${lineNumber}"}},
          {"offline-coder: generate code",
           "Write code for a request, with this file as context",
           {"gen", "--file", "${file}", "--", "${input:offlineCoderRequest}"}}};
}
std::vector<Input> all_inputs() {
  return {{"offlineCoderQuestion", "What do you want to know about this file?"},
          {"offlineCoderError", "The error message"},
          {"offlineCoderRequest", "What shall be written?"}};
}

std::vector<edit::VscodeEntry> make_entries() {
  std::vector<edit::VscodeEntry> entries;
  for (const Task& task : all_tasks()) {
    const Json json = {{"label", task.label},
                       {"detail", task.detail},
                       {"type", "process"},
                       {"command", "offline-coder"},
                       {"args", task.arguments},
                       {"presentation", {{"reveal", "always"}, {"panel", "shared"}, {"clear", true}}},
                       {"problemMatcher", Json::array()}};
    entries.push_back({"tasks", "label", std::string(task.label), json.dump(2)});
  }
  for (const Input& input : all_inputs()) {
    const Json json = {{"id", input.id}, {"type", "promptString"}, {"description", input.description}};
    entries.push_back({"inputs", "id", std::string(input.id), json.dump(2)});
  }
  return entries;
}

// What happened to one file.
struct FileOutcome {
  std::string path;     // relative to the working directory
  std::string outcome;  // created, changed, unchanged, refused
  std::string detail;
};

class Init {
 public:
  explicit Init(Invocation& invocation) : invocation_(invocation) {}
  base::Result<int> run();

 private:
  base::Result<void> check_inside(const base::Path& path) const;
  base::Result<void> create(const std::string& name, std::string_view bytes);
  base::Result<void> merge_tasks(const std::string& name);
  base::Result<void> prepare();

  Invocation& invocation_;
  std::vector<FileOutcome> outcomes_;
};

// A repository may hold a link with one of our names that leads somewhere else.
base::Result<void> Init::check_inside(const base::Path& path) const {
  std::error_code code;
  const base::Path folder = std::filesystem::canonical(invocation_.working_directory, code);
  const base::Path real = code ? base::Path() : std::filesystem::weakly_canonical(path, code);
  if (code)
    return base::fail(base::ErrorKind::io, fmt::format("cannot look at {}: {}", base::display(path), code.message()));
  if (base::is_inside(real, folder)) return {};
  return base::fail(
      base::ErrorKind::denied,
      fmt::format("{} is a link that leads out of this folder, to {}", base::display(path), base::display(real)),
      "remove the link and run init again");
}

base::Result<void> Init::create(const std::string& name, std::string_view bytes) {
  const base::Path file = invocation_.working_directory / base::path_from_utf8(name);
  OC_CHECK(check_inside(file));
  OC_CHECK(base::make_folder(file.parent_path()));
  const auto created = base::create_file(file, bytes);
  if (!created && created.error().kind != base::ErrorKind::conflict) return created;
  outcomes_.push_back({name, created ? "created" : "unchanged", created ? "" : "it was there already"});
  return {};
}

base::Result<void> Init::merge_tasks(const std::string& name) {
  const base::Path file = invocation_.working_directory / base::path_from_utf8(name);
  OC_CHECK(check_inside(file));
  OC_TRY(const auto there, base::find_file_facts(file));
  OC_TRY(const std::string before, there ? base::read_file(file, k_tasks_limit) : std::string());
  const auto merge = edit::merge_vscode_entries(before, make_entries());
  if (!merge) {
    outcomes_.push_back({name, "refused", fmt::format("line {}: {}", merge.error().line.value, merge.error().reason)});
    return {};
  }
  if (merge->added.empty()) {
    outcomes_.push_back({name, "unchanged", "the tasks were there already"});
    return {};
  }
  OC_CHECK(base::make_folder(file.parent_path()));
  OC_CHECK(there ? base::replace_file(file, merge->text) : base::create_file(file, merge->text));
  const auto tasks =
      std::ranges::count_if(merge->added, [](const std::string& id) { return id.starts_with("offline-coder: "); });
  outcomes_.push_back(
      {name, there ? "changed" : "created", fmt::format("{} tasks added, nothing else touched", tasks)});
  if (!there) outcomes_.back().detail = fmt::format("{} tasks", tasks);
  return {};
}

base::Result<void> Init::prepare() {
  const std::string folder(config::k_project_folder_name);
  OC_CHECK(create(fmt::format("{}/{}", folder, config::k_config_file_name), config::project_template()));
  OC_CHECK(create(folder + "/.gitignore", context::k_project_ignore_rules));
  return merge_tasks(".vscode/tasks.json");
}

base::Result<int> Init::run() {
  const auto prepared = prepare();
  std::vector<std::vector<std::string>> rows;
  Json files = Json::array();
  const FileOutcome* refused = nullptr;
  for (const FileOutcome& o : outcomes_) {
    rows.push_back({o.outcome == "refused" ? "unchanged" : o.outcome, o.path, o.detail});
    files.push_back({{"path", o.path}, {"outcome", o.outcome}, {"detail", o.detail}});
    if (o.outcome == "refused") refused = &o;
  }
  // What was done before something failed is told too; scripts get the error as their one object.
  const Json fields = {{"folder", base::to_utf8(invocation_.working_directory)}, {"files", files}};
  if (prepared || invocation_.console.format() == Format::text)
    show_result(invocation_, in_columns(rows), fields.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!prepared) return std::unexpected(prepared.error());
  begin_first_work_ahead(invocation_);  // the map of what is a project now
  if (!base::find_program("offline-coder"))
    invocation_.console.note("the tasks need offline-coder on the PATH, where it is not");
  if (refused == nullptr) return k_exit_done;
  invocation_.console.error({base::ErrorKind::negative,
                             fmt::format("cannot add tasks to {}: {}", base::in_quotes(refused->path), refused->detail),
                             "correct that line and run init again; the file was not touched"});
  return k_exit_negative;
}

}  // namespace

void add_init_command(CommandLine& line) {
  line.add("init", "Prepare this folder: settings of the project, tasks for VS Code",
           [](Invocation& invocation) { return Init(invocation).run(); });
}

}  // namespace oc::cli
