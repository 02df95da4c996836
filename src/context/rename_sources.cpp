// SPDX-License-Identifier: Apache-2.0
#include "context/rename_sources.hpp"

#include <algorithm>
#include <deque>

#include "context/rename_words.hpp"

namespace oc::context {
namespace {

using syntax::NamePlace;
using syntax::NameRole;
using syntax::ScopeKind;
using syntax::SymbolKind;

bool holds(const syntax::ByteRange& outer, const syntax::ByteRange& inner) {
  return outer.begin <= inner.begin && inner.end <= outer.end;
}

std::vector<PathTable::Entry> entries_of(const std::vector<std::string>& paths) {
  std::vector<PathTable::Entry> entries;
  for (std::size_t i = 0; i < paths.size(); ++i) entries.push_back({static_cast<FileId>(i + 1), paths[i]});
  return entries;
}

// A name that is declared in a function, a block or a type without being a symbol of the project.
bool hides(const NamePlace& place) {
  if (place.role == NameRole::local) return place.scope_kind != ScopeKind::file;
  return place.role == NameRole::declared && RenameSources::is_local(place);
}

Hiding hiding_by(const RenameSource& source, const NamePlace& local, const NamePlace& place) {
  if (!holds(local.scope, place.range)) return Hiding::none;
  // A default value or a type among the parameters may mean either.
  if (local.is_parameter && holds(local.statement, place.range)) return Hiding::unsure;
  if (source.family == "python") {
    const bool is_global = std::ranges::any_of(source.names.places, [&](const NamePlace& other) {
      return other.is_global && other.name == local.name && other.scope == local.scope;
    });
    if (is_global) return Hiding::none;
    return local.scope_kind == ScopeKind::type ? Hiding::unsure : Hiding::hidden;
  }
  if (local.role == NameRole::declared || local.scope_kind == ScopeKind::type || local.is_parameter)
    return Hiding::hidden;
  if (place.range.begin < local.range.begin || holds(local.statement, place.range)) return Hiding::unsure;
  return Hiding::hidden;
}

}  // namespace

bool is_type(SymbolKind kind) {
  switch (kind) {
    case SymbolKind::class_type:
    case SymbolKind::struct_type:
    case SymbolKind::union_type:
    case SymbolKind::interface_type:
    case SymbolKind::trait_type:
    case SymbolKind::enum_type: return true;
    default: return false;
  }
}

RenameSources::RenameSources(const RenameRequest& request) : request_(&request), paths_(entries_of(request.paths)) {}

base::Result<RenameSources> RenameSources::read(const RenameRequest& request, std::string_view family,
                                                const base::CancelToken& cancel) {
  RenameSources sources(request);
  const std::set<std::string, std::less<>> names{std::string(last_part_of_name(request.old_name)), request.new_name};
  syntax::OutlineReader reader;
  syntax::OutlineLimits limits;
  limits.cancel = cancel;
  for (const RenameFile& file : request.files) {
    if (cancel.is_requested()) return base::fail(base::ErrorKind::cancelled, "stopped");
    if (file.language == nullptr || family_of(file.language->id) != family) continue;
    auto found = reader.find_names(*file.language, file.text, names, limits);
    if (found) sources.sources_.push_back({&file, std::string(family), std::move(*found)});
  }
  return sources;
}

Hiding RenameSources::hiding(const RenameSource& source, const NamePlace& place, std::string_view name) {
  Hiding found = Hiding::none;
  for (const NamePlace& local : source.names.places) {
    if (local.name != name || !hides(local) || local.range == place.range) continue;
    const Hiding one = hiding_by(source, local, place);
    if (one == Hiding::hidden) return one;
    if (one == Hiding::unsure) found = one;
  }
  return found;
}

std::vector<std::string> RenameSources::resolve(const RenameSource& source, const syntax::Import& import,
                                                std::string_view name) const {
  syntax::Import one = import;
  if (!name.empty()) one.names = {std::string(name)};
  std::vector<std::string> found;
  for (const FileId id : resolve_import(one, source.path(), source.file->language->id, paths_))
    found.emplace_back(paths_.path_of(id));
  return found;
}

std::string RenameSources::type_round(const RenameSource& source, const NamePlace& place) {
  for (int at = place.within; at >= 0; at = source.symbol(at).container) {
    const syntax::Symbol& symbol = source.symbol(at);
    if (is_type(symbol.kind)) return symbol.qualified_name;
    if (symbol.kind == SymbolKind::method || symbol.kind == SymbolKind::field)
      return prefix_of_name(symbol.qualified_name);
  }
  return "";
}

std::string RenameSources::scope_round(const RenameSource& source, const NamePlace& place) {
  return place.within < 0 ? "" : source.symbol(place.within).qualified_name;
}

int RenameSources::count_locals(const RenameSource& source, const NamePlace& place, std::string_view object) {
  const std::string first(object.substr(0, object.find_first_of(".:")));
  const auto found = syntax::OutlineReader().find_names(*source.file->language, source.file->text, {first}, {});
  if (!found) return 1;
  const RenameSource again{source.file, source.family, *found};
  return static_cast<int>(std::ranges::count_if(again.names.places, [&](const NamePlace& local) {
    return hides(local) && hiding_by(again, local, place) != Hiding::none;
  }));
}

bool RenameSources::reaches(const RenameSource& source, const std::set<std::string>& targets) const {
  std::set<std::string> seen{source.path()};
  std::deque<std::string> open{source.path()};
  const auto visit = [&](const std::string& path) {
    if (seen.insert(path).second) open.push_back(path);
  };
  while (!open.empty()) {
    const std::string path = open.front();
    open.pop_front();
    if (targets.contains(path)) return true;
    if (const auto known = request_->includes.find(path); known != request_->includes.end())
      for (const std::string& included : known->second) visit(included);
    const auto read = std::ranges::find(sources_, path, &RenameSource::path);
    if (read == sources_.end()) continue;
    for (const syntax::Import& import : read->names.outline.imports)
      for (const std::string& included : resolve(*read, import, "")) visit(included);
  }
  return false;
}

}  // namespace oc::context
