// SPDX-License-Identifier: Apache-2.0
#include "tasks/symbol_lookup.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.hpp"
#include "syntax/outline.hpp"

namespace oc::tasks {
namespace {

constexpr std::size_t k_most_parts = 3;
constexpr std::size_t k_most_places = 50;

std::unexpected<base::Error> no_symbol(const std::string& name, const std::string& where,
                                       const std::vector<std::string>& known) {
  const auto nearest = base::find_nearest(name, known);
  return base::fail(base::ErrorKind::usage, fmt::format("there is no symbol {} in {}", base::in_quotes(name), where),
                    nearest ? fmt::format("did you mean {}?", base::in_quotes(*nearest))
                            : "see the names with 'offline-coder context --show --file FILE', or name the lines");
}

bool is_named(const std::string& wanted, const std::string& name, const std::string& qualified_name) {
  return wanted == name || wanted == qualified_name ||
         (qualified_name.ends_with(wanted) && wanted.find_first_of(".:") != std::string::npos);
}

}  // namespace

base::Result<std::vector<FilePart>> find_symbol_in_file(const context::SourceFile& file, const std::string& name) {
  const auto* language = syntax::find_language_of_file(file.path, file.text.substr(0, file.text.find('\n')));
  const auto outline = language == nullptr ? std::nullopt : syntax::OutlineReader().read(*language, file.text, {});
  if (!outline)
    return base::fail(
        base::ErrorKind::usage,
        fmt::format("the symbols of {} are not known: there is no grammar for it", base::in_quotes(file.shown_path)),
        "name the lines with --lines");
  std::vector<FilePart> parts;
  std::vector<std::string> known;
  const std::int64_t lines = context::count_lines(file.text);
  for (const syntax::Symbol& symbol : outline->symbols) {
    known.push_back(symbol.name);
    if (is_named(name, symbol.name, symbol.qualified_name) && symbol.lines.last.value <= lines)
      parts.push_back({file, symbol.lines});
  }
  if (parts.empty()) return no_symbol(name, base::in_quotes(file.shown_path), known);
  return parts;
}

base::Result<std::vector<FilePart>> find_symbol_in_project(Project& project, const std::string& name) {
  auto query = project.index().query();
  OC_TRY(auto symbols, query.find_symbols(name, k_most_places));
  if (symbols.empty()) {
    OC_TRY(const auto known, query.load_symbol_names());
    return no_symbol(name, "this project", known);
  }
  const auto is_definition = [](const context::SymbolRow& s) { return s.form == syntax::SymbolForm::definition; };
  if (std::ranges::any_of(symbols, is_definition)) std::erase_if(symbols, std::not_fn(is_definition));
  std::vector<FilePart> parts;
  std::vector<std::string> places;
  for (const context::SymbolRow& symbol : symbols) {
    OC_TRY(const auto row, query.find_file(symbol.file));
    if (!row) continue;
    places.push_back(fmt::format("{}:{}", row->path, symbol.lines.first.value));
    if (places.size() > k_most_parts) continue;
    OC_TRY(auto file, context::load_indexed_file(row->path, project.options().workspace, project.options().file_limit));
    OC_TRY(const auto checked, context::check_line_range(symbol.lines, file));
    parts.push_back({std::move(file), checked});
  }
  if (places.size() <= k_most_parts) return parts;
  places.resize(std::min<std::size_t>(places.size(), 10));
  return base::fail(
      base::ErrorKind::usage,
      fmt::format("{} is declared in {} places: {}", base::in_quotes(name), symbols.size(), fmt::join(places, ", ")),
      "name the file too, with --file, or the whole name, such as Class.name");
}

}  // namespace oc::tasks
