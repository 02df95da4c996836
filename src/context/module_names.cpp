// SPDX-License-Identifier: Apache-2.0
#include "context/module_names.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <set>

namespace oc::context {
namespace {

constexpr auto k_endings =
    std::to_array<std::string_view>({".tsx", ".ts", ".mts", ".cts", ".jsx", ".js", ".mjs", ".cjs"});

std::vector<std::string_view> parts_of(std::string_view path) {
  std::vector<std::string_view> parts;
  while (!path.empty()) {
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") parts.pop_back();
    else parts.push_back(part);
  }
  return parts;
}

std::string joined(const std::vector<std::string_view>& parts, std::size_t first, std::string_view between) {
  std::string text;
  for (std::size_t i = first; i < parts.size(); ++i) text.append(i > first ? between : "").append(parts[i]);
  return text;
}

// "../a/b" from the folder to the path.
std::string relative_path(std::string_view folder, std::string_view path) {
  const auto from = parts_of(folder);
  const auto to = parts_of(path);
  std::size_t common = 0;
  while (common < from.size() && common + 1 < to.size() && from[common] == to[common]) ++common;
  std::string text;
  for (std::size_t i = common; i < from.size(); ++i) text += "../";
  if (text.empty()) text = "./";
  return text + joined(to, common, "/");
}

std::string without_ending(std::string_view path) {
  for (const std::string_view ending : k_endings)
    if (path.ends_with(ending)) return std::string(path.substr(0, path.size() - ending.size()));
  return std::string(path);
}

// "a/b/__init__.py" → "a/b", "a/c.py" → "a/c".
std::string python_place(std::string_view path) {
  std::string place(path.substr(0, path.rfind('.')));
  if (place == "__init__") return "";
  if (place.ends_with("/__init__")) place.resize(place.size() - 9);
  return place;
}

std::string dotted(std::string_view place) {
  std::string text(place);
  std::ranges::replace(text, '/', '.');
  return text;
}

bool is_python_name(std::string_view place) {
  return std::ranges::all_of(place, [](char c) {
    return c == '/' || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  });
}

std::optional<std::string> relative_python(std::string_view from, std::string_view to,
                                           const std::vector<std::string>& paths) {
  const std::string from_folder = folder_of_path(from), to_place = python_place(to);
  const auto folder = parts_of(from_folder);
  const auto place = parts_of(to_place);
  std::size_t common = 0;
  while (common < folder.size() && common < place.size() && folder[common] == place[common]) ++common;
  // What is above a package is not known to it.
  const std::string base = joined({folder.begin(), folder.begin() + static_cast<std::ptrdiff_t>(common)}, 0, "/");
  if (common < folder.size() && (base.empty() || std::ranges::find(paths, base + "/__init__.py") == paths.end()))
    return std::nullopt;
  // One dot is the folder itself.
  std::string text(folder.size() - common + 1, '.');
  return text + joined(place, common, ".");
}

}  // namespace

std::string folder_of_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
}

std::string relative_module(std::string_view from, std::string_view to, std::string_view like) {
  std::string path = relative_path(folder_of_path(from), to);
  std::string bare = without_ending(path);
  const bool is_typescript = path.ends_with("ts") || path.ends_with(".tsx");
  if (like.empty()) return is_typescript ? bare : path;
  const std::string like_bare = without_ending(like);
  if (like_bare.size() == like.size()) return bare;
  if (!is_typescript) return path;
  // TypeScript may name what its files become.
  return like.ends_with("ts") || like.ends_with(".tsx") ? path : bare + std::string(like.substr(like_bare.size()));
}

std::string moved_module(std::string_view module, std::string_view from, std::string_view to) {
  if (!module.starts_with('.')) return std::string(module);
  const std::string folder = folder_of_path(from);
  return relative_path(folder_of_path(to), (folder.empty() ? "" : folder + "/") + std::string(module));
}

std::optional<std::string> sibling_module(std::string_view known_module, std::string_view known_path,
                                          std::string_view from, std::string_view to,
                                          const std::vector<std::string>& paths) {
  if (!is_python_name(python_place(to))) return std::nullopt;
  if (known_module.starts_with('.')) return relative_python(from, to, paths);
  std::string known(known_module);
  std::ranges::replace(known, '.', '/');
  const std::string place = python_place(known_path);
  if (place != known && !place.ends_with("/" + known)) return std::nullopt;
  const std::string root = place.substr(0, place.size() - known.size());
  const std::string wanted = python_place(to);
  if (!wanted.starts_with(root) || wanted.size() == root.size()) return std::nullopt;
  return dotted(std::string_view(wanted).substr(root.size()));
}

std::optional<std::string> usual_module(std::string_view from, std::string_view to,
                                        const std::vector<std::string>& paths) {
  if (!is_python_name(python_place(to))) return std::nullopt;
  const std::string folder = folder_of_path(from);
  const std::string prefix = folder.empty() ? "" : folder + "/";
  const bool is_package = std::ranges::find(paths, prefix + "__init__.py") != paths.end();
  if (is_package) return folder_of_path(to) == folder ? relative_python(from, to, paths) : std::nullopt;
  if (folder.empty()) return dotted(python_place(to));
  if (folder_of_path(to) != folder) return std::nullopt;
  return dotted(std::string_view(python_place(to)).substr(prefix.size()));
}

bool leads_to(const std::map<std::string, std::vector<std::string>>& imports, const std::string& from,
              const std::string& to) {
  std::set<std::string> seen{from};
  std::deque<std::string> open{from};
  while (!open.empty()) {
    const std::string path = open.front();
    open.pop_front();
    if (path == to) return true;
    const auto next = imports.find(path);
    if (next == imports.end()) continue;
    for (const std::string& one : next->second)
      if (seen.insert(one).second) open.push_back(one);
  }
  return false;
}

}  // namespace oc::context
