// SPDX-License-Identifier: Apache-2.0
#include "tasks/model_library.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <ranges>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/files.hpp"
#include "base/text.hpp"

namespace oc::tasks {
namespace {

// What a model takes besides its file, for choosing one: a small KV cache and buffers. The engine checks it exactly.
constexpr base::ByteCount k_besides_weights{600'000'000};
constexpr const char* k_import_hint = "import one with 'offline-coder model import FILE.gguf'";

// The files that end in .gguf, by name; of a split model whichever part comes first.
base::Result<std::vector<base::Path>> find_model_files(const base::Path& folder) {
  std::error_code code;
  if (!std::filesystem::is_directory(folder, code)) return std::vector<base::Path>{};
  std::map<std::string, base::Path> files;  // by name, the names of the parts of a split model made one
  std::filesystem::directory_iterator entry(folder, code);
  for (; !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
    const base::Path& path = entry->path();
    const std::string file_name = base::to_utf8(path.filename());
    if (!has_gguf_ending(file_name)) continue;
    if (const auto facts = base::find_file_facts(path); !facts || !*facts || !(*facts)->is_regular) continue;
    files.try_emplace(model_name_of(file_name), path);
    if (!parse_part_name(file_name)) files[model_name_of(file_name)] = path;  // one whole file counts before parts
  }
  if (code)
    return base::fail(base::ErrorKind::io,
                      fmt::format("cannot look for models in {}: {}", base::display(folder), code.message()));
  std::vector<base::Path> paths;
  for (auto& [name, path] : files) paths.push_back(std::move(path));
  return paths;
}

std::string enumerate(const std::vector<std::string>& names) {
  constexpr std::size_t k_most = 8;
  std::vector<std::string> quoted;
  for (const std::string& name : names | std::views::take(k_most)) quoted.push_back(base::in_quotes(name));
  return fmt::format("{}{}", fmt::join(quoted, ", "), names.size() > k_most ? " …" : "");
}

base::Error not_found(std::string_view wanted, const std::vector<LibraryModel>& models) {
  std::vector<std::string> names, lower;
  for (const LibraryModel& model : models) {
    names.push_back(model.name);
    lower.push_back(base::to_lower_ascii(model.name));
  }
  std::string hint = names.empty() ? std::string("there are no models yet: ") + k_import_hint
                                   : fmt::format("known are {}; see 'offline-coder model list'", enumerate(names));
  if (const auto nearest = base::find_nearest(base::to_lower_ascii(wanted), lower))
    hint = fmt::format("did you mean '{}'?",
                       names[static_cast<std::size_t>(std::ranges::find(lower, *nearest) - lower.begin())]);
  return {base::ErrorKind::model, fmt::format("there is no model called {}", base::in_quotes(wanted)), hint};
}

// Whole names before names in another case before beginnings.
base::Result<LibraryModel> find_by_name(std::string_view wanted, const std::vector<LibraryModel>& models) {
  if (const auto exact = std::ranges::find(models, wanted, &LibraryModel::name); exact != models.end()) return *exact;
  const std::string lower = base::to_lower_ascii(wanted);
  std::vector<std::string> names;
  const LibraryModel* match = nullptr;
  for (const LibraryModel& model : models) {
    const std::string name = base::to_lower_ascii(model.name);
    if (name == lower) return model;
    if (lower.empty() || !name.starts_with(lower)) continue;
    match = &model;
    names.push_back(model.name);
  }
  if (names.size() == 1) return *match;
  if (names.empty()) return std::unexpected(not_found(wanted, models));
  return base::fail(base::ErrorKind::model,
                    fmt::format("{} is the beginning of several models: {}", base::in_quotes(wanted), enumerate(names)),
                    "write more of the name");
}

base::Result<LibraryModel> find_by_path(const base::Path& path) {
  OC_TRY(const auto facts, base::find_file_facts(path));
  if (facts && !facts->is_regular)
    return base::fail(base::ErrorKind::model,
                      fmt::format("{} is not a model: it is not a regular file", base::display(path)),
                      "give the path of a .gguf file");
  // One spelling for one file, so that the engine does not load it twice. The file's own name stays: a link's target
  // may be called anything.
  std::error_code code;
  const base::Path folder = std::filesystem::canonical(path.parent_path(), code);
  return read_model(code ? path : folder / path.filename());
}

}  // namespace

base::Result<std::vector<LibraryModel>> ModelLibrary::list() const {
  std::vector<LibraryModel> models;
  std::set<std::string> names;
  for (const base::Path& folder : folders_) {
    OC_TRY(const auto files, find_model_files(folder));
    for (const base::Path& file : files)
      if (names.insert(model_name_of(base::to_utf8(file.filename()))).second) models.push_back(read_model(file));
  }
  return models;
}

base::Result<LibraryModel> ModelLibrary::find(std::string_view name_or_path,
                                              const base::Path& working_directory) const {
  const base::Path path = base::path_from_utf8(name_or_path);
  const base::Path file = working_directory / path;
  const auto facts = base::find_file_facts(file);
  const bool is_path = path.has_parent_path() || (has_gguf_ending(name_or_path) && facts && *facts);
  std::vector<LibraryModel> models;
  if (!is_path) {
    OC_TRY(models, list());
  }
  OC_TRY(LibraryModel found, is_path ? find_by_path(file) : find_by_name(model_name_of(name_or_path), models));
  OC_CHECK(check_complete(found));
  return found;
}

base::Result<LibraryModel> ModelLibrary::choose_default(base::ByteCount memory,
                                                        const std::vector<base::Path>& loaded) const {
  OC_TRY(const auto models, list());
  const LibraryModel* largest = nullptr;
  const LibraryModel* smallest = nullptr;
  const LibraryModel* starter = nullptr;
  for (const LibraryModel& model : models) {
    if (!model.is_complete()) continue;
    if (model.name == k_starter_name) {
      starter = &model;
      continue;
    }
    if (smallest == nullptr || model.size < smallest->size) smallest = &model;
    const bool fits = model.size + k_besides_weights <= memory || std::ranges::find(loaded, model.path) != loaded.end();
    if (fits && (largest == nullptr || model.size > largest->size)) largest = &model;
  }
  for (const LibraryModel* choice : {largest, smallest, starter})
    if (choice != nullptr) return *choice;
  return base::fail(base::ErrorKind::model, "no model was found", k_import_hint);
}

}  // namespace oc::tasks
