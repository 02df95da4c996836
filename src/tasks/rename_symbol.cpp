// SPDX-License-Identifier: Apache-2.0
#include "tasks/rename_symbol.hpp"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"
#include "context/import_paths.hpp"
#include "context/source_file.hpp"

namespace oc::tasks {
namespace {

using base::ErrorKind;
using base::Result;

class Renamer {
 public:
  Renamer(Project& project, const RenameSymbolRequest& request, const base::CancelToken& cancel)
      : project_(project), request_(request), cancel_(cancel) {}

  Result<SymbolRename> rename() {
    context::RenameRequest plan;
    plan.old_name = request_.old_name;
    plan.new_name = request_.new_name;
    if (request_.file) {
      const auto path = project_.path_in_index(*request_.file);
      if (!path)
        return base::fail(ErrorKind::usage,
                          fmt::format("{} is not in this project", base::in_quotes(base::to_utf8(*request_.file))));
      plan.file = *path;
    }
    OC_CHECK(collect(plan));
    context::RenameWitness witness;
    if (request_.server)
      witness = [&](auto declarations, auto doubts) {
        return hear_server(*request_.server, plan, request_.guard, declarations, doubts, cancel_);
      };
    OC_TRY(done_.plan, context::plan_rename(plan, cancel_, witness));
    OC_CHECK(make_change());
    return std::move(done_);
  }

 private:
  bool is_wanted(const std::string& path) const {
    if (request_.only.empty()) return true;
    const base::Path whole = project_.options().workspace / base::path_from_utf8(path);
    return std::ranges::any_of(request_.only, [&](const base::Path& one) { return base::is_inside(whole, one); });
  }

  Result<void> collect(context::RenameRequest& plan) {
    context::IndexQuery query = project_.index().query();
    OC_TRY(const auto rows, query.load_files());
    std::unordered_map<context::FileId, std::string> paths;
    for (const context::FileRow& row : rows) {
      paths.emplace(row.id, row.path);
      plan.paths.push_back(row.path);
    }
    for (const context::FileRow& row : rows) {
      if (cancel_.is_requested()) return base::fail(ErrorKind::cancelled, "stopped");
      const syntax::Language* language = syntax::find_language(row.language);
      if (language == nullptr || !context::can_rename(*language)) continue;
      if (context::family_of(language->id) == "c") {
        OC_TRY(const auto edges, query.load_edges(row.id));
        for (const context::Edge& edge : edges)
          if (edge.name == 0) plan.includes[row.path].push_back(paths[edge.target]);
      }
      if (is_wanted(row.path)) read(row.path, *language, plan);
    }
    return {};
  }

  void read(const std::string& path, const syntax::Language& language, context::RenameRequest& plan) {
    auto file = context::load_indexed_file(path, project_.options().workspace, project_.options().file_limit);
    if (!file) {
      done_.notes.push_back(fmt::format("{} was left out: {}", base::in_quotes(path), file.error().message));
      return;
    }
    const std::string& bytes = file->bytes;
    if (!bytes.contains(context::last_part_of_name(request_.old_name)) && !bytes.contains(request_.new_name)) return;
    plan.files.push_back({path, bytes, &language});
    files_.emplace(path, std::move(*file));
  }

  Result<void> make_change() {
    const auto& places = done_.plan.places;
    for (std::size_t at = 0; at < places.size();) {
      const std::string& path = places[at].path;
      const context::SourceFile& file = files_.at(path);
      OC_CHECK(edit::check_may_change(file.path, request_.guard));
      std::string after;
      std::size_t copied = 0;
      for (; at < places.size() && places[at].path == path; ++at) {
        after.append(file.bytes, copied, places[at].range.begin - copied).append(places[at].text);
        copied = places[at].range.end;
      }
      after.append(file.bytes, copied);
      done_.change.files.push_back({file.path, file.shown_path, file.bytes, std::move(after)});
    }
    return {};
  }

  Project& project_;
  const RenameSymbolRequest& request_;
  const base::CancelToken& cancel_;
  std::unordered_map<std::string, context::SourceFile> files_;
  SymbolRename done_;
};

}  // namespace

Result<SymbolRename> rename_symbol(Project& project, const RenameSymbolRequest& request,
                                   const base::CancelToken& cancel) {
  return Renamer(project, request, cancel).rename();
}

}  // namespace oc::tasks
