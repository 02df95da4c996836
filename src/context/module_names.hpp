// SPDX-License-Identifier: Apache-2.0
// How one file of a project names another in an import: the opposite of import_paths. Python, JavaScript and
// TypeScript. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oc::context {

// "a/b" of "a/b/c.py"; "" of "c.py".
std::string folder_of_path(std::string_view path);

// JavaScript: "./x.js", seen from the folder of `from`. `like`: an import whose ending of the name shows the habit.
std::string relative_module(std::string_view from, std::string_view to, std::string_view like);
// The same target, named from another folder; unchanged if it is not relative.
std::string moved_module(std::string_view module, std::string_view from, std::string_view to);

// Python: what the import of `known_path` as `known_module` makes of `to`: ".b", "pkg.b". nullopt: it is not certain.
// `paths`: of all files.
std::optional<std::string> sibling_module(std::string_view known_module, std::string_view known_path,
                                          std::string_view from, std::string_view to,
                                          const std::vector<std::string>& paths);
// … where nothing shows how the files of the project name each other.
std::optional<std::string> usual_module(std::string_view from, std::string_view to,
                                        const std::vector<std::string>& paths);

// Does an import of `from` lead to `to`, directly or not? `imports`: of every file, the files that it imports.
bool leads_to(const std::map<std::string, std::vector<std::string>>& imports, const std::string& from,
              const std::string& to);

}  // namespace oc::context
