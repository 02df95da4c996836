// SPDX-License-Identifier: Apache-2.0
#include "context/rename_target.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.hpp"
#include "context/rename_words.hpp"

namespace oc::context {
namespace {

using syntax::NamePlace;
using syntax::NameRole;
using syntax::SymbolKind;

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

// Enumerators of C's plain enumerations are names of what is round the enumeration.
bool is_plain_enumerator(const RenameSource& source, const syntax::Symbol& symbol) {
  if (source.family != "c" || symbol.kind != SymbolKind::enum_member || symbol.container < 0) return false;
  const std::string& signature = source.symbol(symbol.container).signature;
  return !signature.starts_with("enum class") && !signature.starts_with("enum struct");
}

bool is_member(const RenameSource& source, const syntax::Symbol& symbol) {
  if (is_plain_enumerator(source, symbol)) return false;
  if (symbol.container >= 0 && is_type(source.symbol(symbol.container).kind)) return true;
  return symbol.kind == SymbolKind::method;
}

// A constructor or destructor is its type under another kind.
bool is_constructor(const RenameSource& source, const syntax::Symbol& symbol) {
  const std::string prefix = prefix_of_name(symbol.qualified_name);
  const std::string_view name = std::string_view(symbol.name).substr(symbol.name.starts_with('~') ? 1 : 0);
  return symbol.kind == SymbolKind::method && plain_type_name(prefix) == name &&
         (source.family == "java" || source.family == "c");
}

// What makes two declarations the same symbol: where names are known by file, the file; by package, the folder.
std::string key_of(const RenameSource& source, const NamePlace& place, const syntax::Symbol& symbol) {
  std::string key = symbol.qualified_name;
  if (is_constructor(source, symbol)) key = prefix_of_name(key);
  if (RenameSources::is_local(place)) return fmt::format("{}\n{}\n{}", key, source.path(), place.scope.begin);
  if (source.family == "go") return key + "\n" + folder_of(source.path());
  if (source.family == "c" || source.family == "java") return key;
  return key + "\n" + source.path();
}

void add(RenameTarget& target, const RenameSource& source, const NamePlace& place, const syntax::Symbol& symbol) {
  target.declared.push_back({source.path(), place.symbol, place.line});
  target.homes.insert(source.path());
  target.is_of_trait = target.is_of_trait || place.is_of_trait;
  if (is_constructor(source, symbol)) return;
  // `void ns::f() {}` looks like a member until its declaration in the namespace is seen.
  const bool says_free = symbol.kind == SymbolKind::function && !is_member(source, symbol);
  if (target.declared.size() > 1 && !says_free && target.qualified == symbol.qualified_name) return;
  target.name = symbol.name;
  target.qualified = symbol.qualified_name;
  target.prefix = prefix_of_name(symbol.qualified_name);
  target.kind = symbol.kind;
  if (is_plain_enumerator(source, symbol)) target.prefix = prefix_of_name(target.prefix);
  target.is_member = is_member(source, symbol) && !RenameSources::is_local(place);
  target.owner = target.is_member ? plain_type_name(target.prefix) : "";
  if (RenameSources::is_local(place)) target.scope = place.scope;
}

// Definitions of the same name in several files that know nothing of each other: C's `static` and the like.
std::vector<RenameTarget> split_by_file(const RenameTarget& target, const RenameSources& sources) {
  std::set<std::string> files;
  for (const RenameTarget::Declared& one : target.declared) {
    const auto source = std::ranges::find(sources.all(), one.path, &RenameSource::path);
    const syntax::Symbol& symbol = source->symbol(one.symbol);
    if (symbol.form == syntax::SymbolForm::definition && !is_constructor(*source, symbol) && !symbol.name.empty())
      files.insert(one.path);
  }
  if (target.family != "c" || target.is_member || files.size() < 2) return {target};
  std::vector<RenameTarget> parts;
  for (const std::string& file : files) {
    RenameTarget part = target;
    std::erase_if(part.declared, [&](const RenameTarget::Declared& one) { return one.path != file; });
    part.homes = {file};
    parts.push_back(std::move(part));
  }
  return parts;
}

bool is_meant(const RenameTarget& target, const std::string& wanted) {
  return wanted == target.name || wanted == target.qualified || names_prefix(wanted, target.qualified);
}

std::string places_of(const std::vector<RenameTarget>& targets) {
  constexpr std::size_t k_most = 10;
  std::vector<std::string> places;
  for (const RenameTarget& target : targets) {
    if (places.size() == k_most) break;
    places.push_back(fmt::format("{}:{} ({} {})", target.declared.front().path, target.declared.front().line.value,
                                 syntax::to_string(target.kind), target.qualified));
  }
  return fmt::format("{}{}", fmt::join(places, ", "), targets.size() > k_most ? " …" : "");
}

}  // namespace

std::vector<RenameTarget> find_targets(const RenameSources& sources, const std::string& name) {
  std::map<std::string, RenameTarget> found;
  for (const RenameSource& source : sources.all())
    for (const NamePlace& place : source.names.places) {
      if (place.role != NameRole::declared || place.name != name) continue;
      RenameTarget& target = found[key_of(source, place, source.symbol(place.symbol))];
      target.family = source.family;
      add(target, source, place, source.symbol(place.symbol));
    }
  std::vector<RenameTarget> targets;
  for (auto& [key, target] : found)
    if (!target.name.empty())  // a constructor whose type is nowhere
      for (RenameTarget& part : split_by_file(target, sources)) targets.push_back(std::move(part));
  return targets;
}

base::Result<RenameTarget> choose_target(const std::vector<RenameTarget>& targets, const RenameRequest& request) {
  std::vector<RenameTarget> meant;
  for (const RenameTarget& target : targets)
    if (is_meant(target, request.old_name) && (request.file.empty() || target.homes.contains(request.file)))
      meant.push_back(target);
  // The whole name decides; names of functions inside of functions only where nothing else has the name.
  const auto prefer = [&](const auto& is_better) {
    if (std::ranges::any_of(meant, is_better)) std::erase_if(meant, std::not_fn(is_better));
  };
  prefer([&](const RenameTarget& target) { return !target.scope.has_value(); });
  prefer([&](const RenameTarget& target) { return target.qualified == request.old_name; });
  if (meant.size() == 1) return meant.front();
  const std::string where = request.file.empty() ? "this project" : base::in_quotes(request.file);
  if (meant.empty())
    return base::fail(base::ErrorKind::usage,
                      fmt::format("there is no symbol {} in {}", base::in_quotes(request.old_name), where),
                      targets.empty() ? "see the names with 'offline-coder context --show --file FILE'"
                                      : "that name is declared here: " + places_of(targets));
  return base::fail(
      base::ErrorKind::usage,
      fmt::format("{} is declared in {} places: {}", base::in_quotes(request.old_name), meant.size(), places_of(meant)),
      "name the file too, with --file, or the whole name, such as Class.name");
}

}  // namespace oc::context
