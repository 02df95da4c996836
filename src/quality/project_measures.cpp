// SPDX-License-Identifier: Apache-2.0
#include "quality/project_measures.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "base/system.hpp"
#include "context/outline_text.hpp"
#include "context/source_file.hpp"

namespace oc::quality {
namespace {

constexpr std::size_t k_most_threads = 8;
constexpr std::chrono::milliseconds k_between_progress{100};

base::Result<std::vector<std::string>> paths_to_measure(const MeasureOptions& options, context::ProjectIndex& index) {
  OC_TRY(const auto rows, index.ask([](context::IndexQuery query) { return query.load_files(); }));
  std::vector<std::string> paths;
  for (const context::FileRow& row : rows) {
    const syntax::Language* language = row.language.empty() ? nullptr : syntax::find_language(row.language);
    const bool is_below = options.folder.empty() || row.path.starts_with(options.folder + "/");
    if (is_below && language != nullptr && syntax::has_functions(*language) && !context::is_foreign_path(row.path))
      paths.push_back(row.path);
  }
  std::ranges::sort(paths);
  return paths;
}

// Each thread takes the next path and writes into its own place: there is nothing to lock.
std::vector<std::optional<MeasuredFile>> measure_all(const MeasureOptions& options,
                                                     const std::vector<std::string>& paths) {
  std::vector<std::optional<MeasuredFile>> files(paths.size());
  std::atomic<std::size_t> next{0}, done{0};
  const auto work = [&] {
    syntax::MeasureReader reader;
    for (std::size_t i = next.fetch_add(1); i < paths.size() && !options.cancel.is_requested(); i = next.fetch_add(1)) {
      const auto source = context::load_indexed_file(paths[i], options.workspace, options.file_limit);
      if (source) files[i] = measure_file(paths[i], source->text, reader, options.cancel);
      done.fetch_add(1);
    }
    done.fetch_add(paths.size());
  };
  std::vector<std::jthread> threads;
  const auto cores = static_cast<std::size_t>(std::max(1, base::physical_core_count()));
  const std::size_t count = std::min({cores, k_most_threads, 1 + paths.size() / 8});
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
  while (options.progress && done.load() < paths.size() && !options.cancel.is_requested()) {
    options.progress(done.load(), paths.size());
    std::this_thread::sleep_for(k_between_progress);
  }
  threads.clear();
  return files;
}

}  // namespace

base::Result<ProjectMeasures> measure_project(const MeasureOptions& options, context::ProjectIndex& index) {
  ProjectMeasures measures;
  OC_TRY(const std::vector<std::string> paths, paths_to_measure(options, index));
  std::vector<FileTokens> tokens;
  for (std::optional<MeasuredFile>& file : measure_all(options, paths)) {
    if (!file) {
      ++measures.unreadable;
      continue;
    }
    tokens.push_back(std::move(file->tokens));
    file->tokens = {};
    measures.files.push_back(std::move(*file));
  }
  if (!options.cancel.is_requested()) measures.clones = find_clones(tokens, options.least_clone_tokens, options.cancel);
  if (options.cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "interrupted");
  OC_TRY(measures.use, find_symbol_use(measures.files, index));
  return measures;
}

}  // namespace oc::quality
