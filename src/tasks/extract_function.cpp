// SPDX-License-Identifier: Apache-2.0
#include "tasks/extract_function.hpp"

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/extract.hpp"
#include "context/line_range.hpp"

namespace oc::tasks {
namespace {

// Symbols of that name in other files: a class above or below may have it.
base::Result<std::vector<std::string>> find_taken(Project& project, const std::string& name, const std::string& path) {
  constexpr std::size_t k_most = 20;
  std::vector<std::string> taken;
  context::IndexQuery query = project.index().query();
  OC_TRY(const auto symbols, query.find_symbols(name, k_most));
  for (const context::SymbolRow& symbol : symbols) {
    OC_TRY(const auto file, query.find_file(symbol.file));
    if (file && file->path != path) taken.push_back(fmt::format("{}:{}", file->path, symbol.lines.first.value));
  }
  return taken;
}

}  // namespace

base::Result<PlannedChange> extract_function(Project& project, const ExtractFunctionRequest& request) {
  OC_TRY(const std::string path, path_in_project(project, request.file));
  OC_TRY(context::SourceFile file,
         context::load_source_file(request.file, project.options().workspace, project.options().file_limit));
  OC_TRY(const base::LineRange lines, context::check_line_range(request.lines, file));
  context::ExtractRequest plan;
  plan.name = request.name;
  plan.file = {path, file.bytes, syntax::find_language_of_file(file.path, file.text.substr(0, file.text.find('\n')))};
  plan.lines = lines;
  OC_TRY(plan.taken_at, find_taken(project, request.name, path));
  PlannedChange made;
  OC_TRY(made.plan, context::plan_extract(plan));
  FilesByPath files;
  files.emplace(path, std::move(file));
  OC_CHECK(make_change(made, files, project.options().workspace, request.guard));
  return made;
}

}  // namespace oc::tasks
