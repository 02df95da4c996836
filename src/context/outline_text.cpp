// SPDX-License-Identifier: Apache-2.0
#include "context/outline_text.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace oc::context {
namespace {

constexpr int k_deepest = 8;

// The index may be damaged: a container is believed only if it stands before what it holds.
int container_of(const std::vector<SymbolRow>& symbols, int position) {
  const int container = symbols[static_cast<std::size_t>(position)].container;
  return container >= 0 && container < position ? container : -1;
}

int depth_of(const std::vector<SymbolRow>& symbols, int position) {
  int depth = 0;
  for (int up = container_of(symbols, position); up >= 0 && depth < k_deepest; up = container_of(symbols, up)) ++depth;
  return depth;
}

bool has_part(std::string_view path, std::span<const std::string_view> parts) {
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    if (std::ranges::find(parts, part) != parts.end()) return true;
    path.remove_prefix(std::min(path.size(), part.size() + 1));
  }
  return false;
}

}  // namespace

std::string outline_text(const std::vector<SymbolRow>& symbols, const std::vector<int>& chosen) {
  std::set<int> shown;
  for (const int position : chosen) {
    if (position < 0 || position >= static_cast<int>(symbols.size())) continue;
    int depth = 0;
    for (int at = position; at >= 0 && depth <= k_deepest; at = container_of(symbols, at), ++depth) shown.insert(at);
  }
  std::string text;
  for (const int position : shown) {
    const SymbolRow& symbol = symbols[static_cast<std::size_t>(position)];
    text.append(static_cast<std::size_t>(depth_of(symbols, position)) * 2, ' ');
    text.append(symbol.signature.empty() ? symbol.name : symbol.signature).append("\n");
  }
  return text;
}

base::LineRange lines_of(const std::vector<SymbolRow>& symbols, const std::vector<int>& chosen) {
  base::LineRange lines = symbols[static_cast<std::size_t>(chosen.front())].lines;
  for (const int position : chosen) {
    const base::LineRange& own = symbols[static_cast<std::size_t>(position)].lines;
    lines.first = std::min(lines.first, own.first);
    lines.last = std::max(lines.last, own.last);
  }
  return lines;
}

bool is_test_path(std::string_view path) {
  static constexpr auto k_folders = std::to_array<std::string_view>(
      {"test", "tests", "testing", "__tests__", "spec", "specs", "testdata", "fixtures", "examples", "example"});
  const std::size_t slash = path.rfind('/');
  if (slash != std::string_view::npos && has_part(path.substr(0, slash), k_folders)) return true;
  const std::string_view name = path.substr(slash + 1);
  const std::string_view stem = name.substr(0, name.find('.'));
  return stem.starts_with("test_") || stem.ends_with("_test") || stem.ends_with("_tests") || stem.ends_with("Test") ||
         stem.ends_with("Tests") || stem.ends_with("_spec") || name.find(".test.") != std::string_view::npos ||
         name.find(".spec.") != std::string_view::npos || name == "conftest.py";
}

bool is_foreign_path(std::string_view path) {
  static constexpr auto k_folders =
      std::to_array<std::string_view>({"vendor", "vendored", "third_party", "thirdparty", "3rdparty", "node_modules",
                                       "external", "extern", "deps", "bower_components"});
  return has_part(path, k_folders);
}

std::string kin_name(std::string_view path) {
  static constexpr auto k_endings = std::to_array<std::string_view>(
      {"_test", "_tests", "_spec", "_posix", "_unix", "_linux", "_windows", "_win32", "_win", "_mac", "_darwin",
       "_impl", "_inl", "_internal", "_fwd", "-test", "-spec"});
  static constexpr auto k_common =
      std::to_array<std::string_view>({"__init__", "__main__", "conftest", "index", "lib", "main", "mod", "package",
                                       "setup", "types", "util", "utils"});
  std::string name(path.substr(path.rfind('/') + 1));
  name.resize(std::min(name.size(), name.find('.', 1)));
  for (const std::string_view ending : {"Tests", "Test"})
    if (name.size() > ending.size() && name.ends_with(ending)) name.resize(name.size() - ending.size());
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (name.starts_with("test_")) name.erase(0, 5);
  for (bool has_ending = true; std::exchange(has_ending, false);) {
    for (const std::string_view ending : k_endings) {
      if (name.size() <= ending.size() + 1 || !name.ends_with(ending)) continue;
      name.resize(name.size() - ending.size());
      has_ending = true;
    }
  }
  return std::ranges::find(k_common, name) != k_common.end() ? "" : name;
}

}  // namespace oc::context
