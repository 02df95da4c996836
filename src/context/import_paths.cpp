// SPDX-License-Identifier: Apache-2.0
#include "context/import_paths.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "base/text.hpp"

namespace oc::context {
namespace {

using Strings = std::vector<std::string>;
constexpr std::size_t k_most_files = 64;

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::string stem_of(std::string_view path) {
  std::string_view name = name_of(path);
  if (const std::size_t dot = name.find('.'); dot != std::string_view::npos && dot > 0) name = name.substr(0, dot);
  return base::to_lower_ascii(name);
}

// "a/./b/../c" → "a/c"; "" when it climbs out of the workspace.
std::string normalised(std::string_view folder, std::string_view relative) {
  std::vector<std::string_view> parts;
  const auto add = [&](std::string_view text) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, text.find('/'));
      text.remove_prefix(std::min(text.size(), part.size() + 1));
      if (part.empty() || part == ".") continue;
      if (part != "..") {
        parts.push_back(part);
      } else if (parts.empty()) {
        return false;
      } else {
        parts.pop_back();
      }
    }
    return true;
  };
  if (!add(folder) || !add(relative)) return "";
  std::string path;
  for (const std::string_view part : parts) path.append(path.empty() ? "" : "/").append(part);
  return path;
}

// `text` with each `separator` as '/'.
std::string with_slashes(std::string_view text, std::string_view separator) {
  std::string path;
  for (std::size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    path.append(text.substr(0, at)).append("/");
    text.remove_prefix(at + separator.size());
  }
  return path.append(text);
}

class Resolver {
 public:
  Resolver(const syntax::Import& import, std::string_view from, const PathTable& paths)
      : import_(import), from_(from), folder_(folder_of(from)), paths_(paths) {}

  std::vector<FileId> resolve(std::string_view language);

 private:
  bool add(FileId id) {
    if (id != 0 && found_.size() < k_most_files && std::ranges::find(found_, id) == found_.end()) found_.push_back(id);
    return id != 0;
  }
  void add_all(const std::vector<FileId>& ids) {
    for (const FileId id : ids) add(id);
  }
  // The first of path + ending that exists.
  bool add_first(const std::string& path, std::span<const std::string_view> endings) {
    if (path.empty()) return false;
    return std::ranges::any_of(endings, [&](std::string_view e) { return add(paths_.find(path + std::string(e))); });
  }
  // The nearest file of the workspace that ends so: include folders, source roots and packages are not known.
  bool add_nearest(const std::string& ending, std::span<const std::string_view> endings) {
    for (const std::string_view e : endings) {
      const auto ids = paths_.find_ending(ending + std::string(e), from_);
      if (!ids.empty()) return add(ids.front());
    }
    return false;
  }

  void c_family();
  void python();
  void javascript();
  void rust();
  void java();
  void other();

  const syntax::Import& import_;
  std::string_view from_, folder_;
  const PathTable& paths_;
  std::vector<FileId> found_;
};

constexpr std::array<std::string_view, 1> k_as_written{""};

void Resolver::c_family() {
  const std::string& target = import_.target;
  if (import_.form == syntax::ImportForm::relative && add_first(normalised(folder_, target), k_as_written)) return;
  add_nearest(target, k_as_written);
}

constexpr std::array<std::string_view, 4> k_python{".py", "/__init__.py", ".pyi", "/__init__.pyi"};

void Resolver::python() {
  const std::string_view target = import_.target;
  const std::size_t dots = std::min(target.find_first_not_of('.'), target.size());
  const std::string module = with_slashes(target.substr(dots), ".");
  std::string base;
  if (dots > 0) {
    std::string up;
    for (std::size_t i = 1; i < dots; ++i) up += "../";
    base = normalised(folder_, up + module);
    if (base.empty() && !folder_.empty()) return;
  }
  const auto add_module = [&](const std::string& name) {
    if (dots > 0) return add_first(name, k_python);
    return add_first(normalised(folder_, name), k_python) || add_nearest(name, k_python);
  };
  const std::string whole = dots > 0 ? base : module;
  const std::string folder = whole.empty() ? "" : whole + "/";
  for (const std::string& name : import_.names) add_module(folder + name);
  if (!whole.empty()) add_module(whole);
}

constexpr auto k_javascript = std::to_array<std::string_view>(
    {"",           ".ts",       ".tsx",       ".js",        ".jsx",          ".mjs",         ".cjs",
     ".mts",       ".cts",      ".d.ts",      ".vue",       ".svelte",       ".json",        "/index.ts",
     "/index.tsx", "/index.js", "/index.jsx", "/index.mjs", "/src/index.ts", "/src/index.js"});

void Resolver::javascript() {
  std::string target = import_.target;
  // TypeScript imports "./a.js" and means a.ts.
  std::string bare = target;
  for (const std::string_view ending : {".js", ".mjs", ".cjs", ".jsx"})
    if (bare.ends_with(ending)) bare.resize(bare.size() - ending.size());
  if (import_.form == syntax::ImportForm::relative || target.starts_with('.')) {
    if (!add_first(normalised(folder_, target), k_javascript)) add_first(normalised(folder_, bare), k_javascript);
    return;
  }
  // "@/a" and "~/a" are usual names of the source folder; a workspace's own packages are folders of their name.
  if (target.starts_with("@/") || target.starts_with("~/")) target = "src/" + target.substr(2);
  if (target.find('/') != std::string::npos) add_nearest(target, k_javascript);
}

constexpr std::array<std::string_view, 2> k_rust{".rs", "/mod.rs"};

void Resolver::rust() {
  std::string target = with_slashes(import_.target, "::");
  const std::string own_folder = std::string(folder_);
  const std::string stem = stem_of(from_);
  const bool is_root = stem == "mod" || stem == "lib" || stem == "main";
  const std::string module_folder = is_root ? own_folder : normalised(own_folder, stem);
  if (import_.form == syntax::ImportForm::relative && target.find('/') == std::string::npos) {
    if (!add_first(normalised(module_folder, target), k_rust)) add_first(normalised(own_folder, target), k_rust);
    return;
  }
  std::string base;
  if (target.starts_with("crate/")) {
    const std::size_t source = from_.rfind("src/");
    base = std::string(from_.substr(0, source == std::string_view::npos ? 0 : source + 4));
    target = target.substr(6);
  } else if (target.starts_with("super/")) {
    base = is_root ? std::string(folder_of(own_folder)) : own_folder;
    target = target.substr(6);
  } else if (target.starts_with("self/")) {
    base = module_folder;
    target = target.substr(5);
  } else {
    target = target.substr(target.find('/') + 1);  // the name of a crate, perhaps of this workspace
    add_nearest("src/" + target, k_rust);
    return;
  }
  // The last parts may be items inside a module.
  for (std::string path = target; !path.empty(); path = std::string(folder_of(path)))
    if (add_first(normalised(base, path), k_rust)) return;
}

constexpr std::array<std::string_view, 3> k_java{".java", ".kt", ".scala"};

void Resolver::java() {
  std::string path = with_slashes(import_.target, ".");
  if (path.ends_with("/*")) {
    add_all(paths_.find_in_folder(path.substr(0, path.size() - 2), ".java"));
    return;
  }
  // A static import names a member, an inner class its outer one.
  for (int up = 0; up < 3 && path.find('/') != std::string::npos; ++up, path = std::string(folder_of(path)))
    if (add_nearest(path, k_java)) return;
}

constexpr auto k_other =
    std::to_array<std::string_view>({"", ".rb", ".lua", "/init.lua", ".php", ".sh", ".css", ".scss"});

void Resolver::other() {
  std::string target = import_.target;
  if (const std::size_t end = target.find_first_of("?#"); end != std::string::npos && end > 0) target.resize(end);
  const bool is_absolute = target.starts_with('/');
  if (!is_absolute && add_first(normalised(folder_, target), k_other)) return;
  if (is_absolute) target.erase(0, 1);
  if (target.find('\\') != std::string::npos) target = with_slashes(target, "\\");
  if (target.find('/') == std::string::npos && target.find('.') != std::string::npos) {
    const std::string dotted = with_slashes(target, ".");
    if (add_nearest(target, k_other) || add_nearest(dotted, k_other)) return;
  }
  // Namespaces of PHP begin with a name that is no folder.
  if (add_nearest(target, k_other)) return;
  if (const std::size_t slash = target.find('/');
      slash != std::string::npos && import_.form == syntax::ImportForm::module)
    add_nearest(target.substr(slash + 1), k_other);
}

std::vector<FileId> Resolver::resolve(std::string_view language) {
  if (import_.target.empty() || import_.target.size() > 1000) return {};
  const std::string_view family = family_of(language);
  if (family == "c") {
    c_family();
  } else if (family == "python") {
    python();
  } else if (family == "javascript") {
    javascript();
  } else if (family == "rust") {
    rust();
  } else if (family == "java") {
    java();
  } else if (family == "go") {
    add_all(paths_.find_in_folder(import_.target, ".go"));
    const std::size_t slash = import_.target.find('/');
    if (found_.empty() && slash != std::string::npos) {
      // Of "host/owner/module/pkg" the module's own folders begin somewhere behind the host.
      for (std::string_view rest = import_.target; found_.empty() && rest.find('/') != std::string_view::npos;) {
        rest.remove_prefix(rest.find('/') + 1);
        add_all(paths_.find_in_folder(rest, ".go"));
      }
    }
  } else {
    other();
  }
  std::erase(found_, paths_.find(from_));
  return std::move(found_);
}

}  // namespace

PathTable::PathTable(std::vector<Entry> entries) : entries_(std::move(entries)) {
  by_path_.reserve(entries_.size());
  by_id_.reserve(entries_.size());
  by_name_.reserve(entries_.size());
  by_folder_name_.reserve(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::string_view path = entries_[i].path;
    by_path_.emplace(path, i);
    by_id_.emplace(entries_[i].id, i);
    by_name_.emplace(name_of(path), i);
    if (!folder_of(path).empty()) by_folder_name_.emplace(name_of(folder_of(path)), i);
  }
}

FileId PathTable::find(std::string_view path) const {
  const auto found = by_path_.find(path);
  return found == by_path_.end() ? 0 : entries_[found->second].id;
}

std::string_view PathTable::path_of(FileId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::string_view() : entries_[found->second].path;
}

namespace {
bool ends_with_path(std::string_view path, std::string_view ending) {
  return path.ends_with(ending) && (path.size() == ending.size() || path[path.size() - ending.size() - 1] == '/');
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}
}  // namespace

std::vector<FileId> PathTable::find_ending(std::string_view ending, std::string_view from) const {
  while (ending.starts_with('/')) ending.remove_prefix(1);
  std::vector<std::size_t> found;
  const auto [first, last] = by_name_.equal_range(name_of(ending));
  for (auto it = first; it != last; ++it)
    if (ends_with_path(entries_[it->second].path, ending)) found.push_back(it->second);
  std::ranges::sort(found, {}, [&](std::size_t i) {
    const std::string_view path = entries_[i].path;
    return std::tuple(-static_cast<std::ptrdiff_t>(common_prefix(path, from)), path.size(), path);
  });
  std::vector<FileId> ids;
  for (const std::size_t i : found) ids.push_back(entries_[i].id);
  return ids;
}

std::vector<FileId> PathTable::find_in_folder(std::string_view ending, std::string_view extension) const {
  std::vector<Entry> found;
  const auto [first, last] = by_folder_name_.equal_range(name_of(ending));
  for (auto it = first; it != last; ++it) {
    const Entry& entry = entries_[it->second];
    if (entry.path.ends_with(extension) && ends_with_path(folder_of(entry.path), ending)) found.push_back(entry);
  }
  std::ranges::sort(found, {}, &Entry::path);
  std::vector<FileId> ids;
  for (const Entry& entry : found) ids.push_back(entry.id);
  return ids;
}

std::vector<FileId> resolve_import(const syntax::Import& import, std::string_view from, std::string_view language,
                                   const PathTable& paths) {
  return Resolver(import, from, paths).resolve(language);
}

std::vector<std::string> stems_of_file(std::string_view path) {
  Strings stems{stem_of(path)};
  if (!folder_of(path).empty()) stems.push_back(base::to_lower_ascii(name_of(folder_of(path))));
  return stems;
}

std::vector<std::string> stems_of_import(const syntax::Import& import) {
  Strings stems;
  std::string target = with_slashes(with_slashes(import.target, "::"), "\\");
  const auto add = [&](std::string stem) {
    if (!stem.empty() && std::ranges::find(stems, stem) == stems.end()) stems.push_back(std::move(stem));
  };
  add(stem_of(target));
  // Where '.' separates, every part may be the file; where '/' does, so may the last two.
  std::string_view last = name_of(target);
  for (std::size_t parts = 0; parts < 8 && !last.empty(); ++parts) {
    const std::size_t dot = last.rfind('.');
    add(base::to_lower_ascii(last.substr(dot == std::string_view::npos ? 0 : dot + 1)));
    if (dot == std::string_view::npos) break;
    last = last.substr(0, dot);
  }
  add(base::to_lower_ascii(name_of(folder_of(target))));
  for (const std::string& name : import.names) add(base::to_lower_ascii(name));
  return stems;
}

std::string_view family_of(std::string_view language) {
  if (language == "cpp" || language == "cuda" || language == "objective-c") return "c";
  if (language == "typescript" || language == "tsx" || language == "vue" || language == "svelte") return "javascript";
  if (language == "kotlin" || language == "scala") return "java";
  if (language == "scss") return "css";
  return language;
}

}  // namespace oc::context
