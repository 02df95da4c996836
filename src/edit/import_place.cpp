// SPDX-License-Identifier: Apache-2.0
#include "edit/import_place.hpp"

#include <algorithm>
#include <iterator>
#include <string>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::edit {
namespace {

using syntax::Import;

std::size_t line_of(const Import& import) { return static_cast<std::size_t>(import.line.value - 1); }

bool has_name(const Import& import, const std::string& name) {
  return std::ranges::find(import.names, name) != import.names.end();
}

bool has_any_name(const Import& import, const Import& of) {
  return std::ranges::any_of(of.names, [&](const std::string& name) { return has_name(import, name); });
}

bool has_all_names(const Import& import, const Import& of) {
  return std::ranges::all_of(of.names, [&](const std::string& name) { return has_name(import, name); });
}

// Go's imports stand in one statement, or in several: `import "os"` is `"os"` in a group.
std::string in_group_of(const SymbolTree& file, std::string_view line) {
  constexpr std::string_view k_word = "import ";
  if (file.imports().empty() || !line.starts_with(k_word)) return std::string(line);
  const std::string_view indent = base::indentation(file.line(line_of(*file.imports().back())));
  return indent.empty() ? std::string(line) : std::string(indent).append(line.substr(k_word.size()));
}

}  // namespace

OrRefusal<std::vector<LineReplacement>> place_imports(const SymbolTree& file, const SymbolTree& code) {
  std::vector<LineReplacement> made;
  const std::size_t place = file.place_for_imports();
  for (const Import* import : code.imports()) {
    const std::size_t at = line_of(*import);
    const std::string line = in_group_of(file, code.line(at));
    if (file.has_import_line(line)) continue;
    if (!code.is_whole_import(at))
      return refuse(fmt::format("the import {} spans several lines: give the old lines with the new ones",
                                base::in_quotes(import->target)));
    std::vector<const Import*> same;
    std::ranges::copy_if(file.imports(), std::back_inserter(same), [&](const Import* one) {
      return one->target == import->target && has_any_name(*import, *one);
    });
    if (same.empty()) {
      made.push_back({place, place, line + "\n"});
      continue;
    }
    const std::size_t old_line = line_of(*same.front());
    if (same.size() > 1 || !file.is_whole_import(old_line) || !has_all_names(*import, *same.front()))
      return refuse(fmt::format("the import of {} is another in the file (line {}): give the old line with the new one",
                                base::in_quotes(import->target), old_line + 1));
    made.push_back({old_line, old_line + 1, line + "\n"});
  }
  if (file.imports().empty() && !made.empty()) made.back().text += "\n";
  return made;
}

}  // namespace oc::edit
