// SPDX-License-Identifier: Apache-2.0
#include "tasks/planned_change.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::tasks {
namespace {

bool is_among(const base::Path& file, const std::vector<base::Path>& only) {
  return only.empty() || std::ranges::any_of(only, [&](const base::Path& one) { return base::is_inside(file, one); });
}

}  // namespace

base::Result<std::string> path_in_project(const Project& project, const base::Path& file) {
  if (auto path = project.path_in_index(file)) return std::move(*path);
  return base::fail(base::ErrorKind::usage,
                    fmt::format("{} is not in this project", base::in_quotes(base::to_utf8(file))));
}

base::Result<CodeFiles> read_code_files(Project& project, const std::vector<std::string>& words,
                                        const std::vector<base::Path>& only, const base::CancelToken& cancel) {
  CodeFiles found;
  const ProjectOptions& options = project.options();
  OC_TRY(const auto rows, project.index().query().load_files());
  for (const context::FileRow& row : rows) {
    if (cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    found.paths.push_back(row.path);
    const syntax::Language* language = syntax::find_language(row.language);
    if (language == nullptr || !context::can_rename(*language)) continue;
    if (!is_among(options.workspace / base::path_from_utf8(row.path), only)) continue;
    auto file = context::load_indexed_file(row.path, options.workspace, options.file_limit);
    if (!file) {
      found.notes.push_back(fmt::format("{} was left out: {}", base::in_quotes(row.path), file.error().message));
      continue;
    }
    const auto holds = [&](const std::string& word) { return file->bytes.contains(word); };
    if (std::ranges::none_of(words, holds)) continue;
    found.files.push_back({row.path, file->bytes, language});
    found.by_path.emplace(row.path, std::move(*file));
  }
  return found;
}

base::Result<void> make_change(PlannedChange& made, const FilesByPath& files, const base::Path& workspace,
                               const edit::GuardOptions& guard) {
  const std::string* last = nullptr;
  for (const context::PlannedPlace& place : made.plan.places) {
    if (last != nullptr && *last == place.path) continue;
    last = &place.path;
    edit::FileChange change;
    if (const auto known = files.find(place.path); known != files.end()) {
      change.path = known->second.path;
      change.shown = known->second.shown_path;
      change.before = known->second.bytes;
    } else {
      change.path = workspace / base::path_from_utf8(place.path);
      change.shown = place.path;
    }
    OC_CHECK(edit::check_may_change(change.path, guard));
    change.after = context::apply_places(made.plan, place.path, change.before.value_or(""));
    made.change.files.push_back(std::move(change));
  }
  return {};
}

}  // namespace oc::tasks
