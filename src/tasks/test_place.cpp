// SPDX-License-Identifier: Apache-2.0
#include "tasks/test_place.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

namespace oc::tasks {
namespace {

struct Name {
  std::string folder, stem, extension;  // "a/", "b", ".py"
};

Name split(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::size_t begin = slash == std::string_view::npos ? 0 : slash + 1;
  const std::string_view name = path.substr(begin);
  const std::size_t dot = name.rfind('.');
  const std::size_t end = dot == std::string_view::npos || dot == 0 ? name.size() : dot;
  return {std::string(path.substr(0, begin)), std::string(name.substr(0, end)), std::string(name.substr(end))};
}

// How a language names files of tests: the usual way first.
struct Affixes {
  std::string_view before, after;
};
constexpr auto k_python = std::to_array<Affixes>({{"test_", ""}, {"", "_test"}});
constexpr auto k_javascript = std::to_array<Affixes>({{"", ".test"}, {"", ".spec"}});
constexpr auto k_underline = std::to_array<Affixes>({{"", "_test"}, {"test_", ""}});
constexpr auto k_java = std::to_array<Affixes>({{"", "Test"}, {"", "Tests"}, {"Test", ""}});
constexpr auto k_ruby = std::to_array<Affixes>({{"", "_spec"}, {"", "_test"}, {"test_", ""}});

std::vector<Affixes> affixes_of(std::string_view language) {
  const auto as_vector = [](const auto& affixes) { return std::vector<Affixes>(affixes.begin(), affixes.end()); };
  if (language == "python") return as_vector(k_python);
  if (language == "javascript" || language == "typescript" || language == "tsx") return as_vector(k_javascript);
  if (language == "java" || language == "kotlin" || language == "csharp" || language == "php") return as_vector(k_java);
  if (language == "ruby") return as_vector(k_ruby);
  return as_vector(k_underline);
}

bool has_affixes(const std::string& stem, const Affixes& affixes) {
  return stem.size() > affixes.before.size() + affixes.after.size() && stem.starts_with(affixes.before) &&
         stem.ends_with(affixes.after);
}

std::string default_folder(const Name& file, std::string_view language) {
  constexpr std::string_view k_main = "src/main/";
  if (language == "python" || language == "rust" || language == "c" || language == "cpp") return "tests/";
  if (const std::size_t at = file.folder.find(k_main); at != std::string::npos)
    return file.folder.substr(0, at) + "src/test/" + file.folder.substr(at + k_main.size());
  return file.folder;
}

std::size_t common_prefix(std::string_view a, std::string_view b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}

}  // namespace

bool is_test_path(std::string_view path, std::string_view language) {
  const Name name = split(path);
  return std::ranges::any_of(affixes_of(language),
                             [&](const Affixes& affixes) { return has_affixes(name.stem, affixes); });
}

TestPlace find_test_place(std::string_view path, std::string_view language, const std::vector<std::string>& files) {
  const Name file = split(path);
  const std::vector<Affixes> all = affixes_of(language);
  const auto is_nearer = [&](const std::string& a, const std::string& b) {
    return common_prefix(a, path) > common_prefix(b, path) ||
           (common_prefix(a, path) == common_prefix(b, path) && a < b);
  };
  std::string best;
  std::map<std::size_t, int> uses;  // of each way to name them
  std::map<std::string, int> folders;
  for (const std::string& other : files) {
    const Name name = split(other);
    if (name.extension != file.extension) continue;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!has_affixes(name.stem, all[i])) continue;
      ++uses[i];
      ++folders[name.folder];
      const bool is_its_own = name.stem == fmt::format("{}{}{}", all[i].before, file.stem, all[i].after);
      if (is_its_own && (best.empty() || is_nearer(other, best))) best = other;
      break;
    }
  }
  if (!best.empty()) return {best, true};
  const auto by_count = [](const auto& a, const auto& b) { return a.second < b.second; };
  const Affixes& affixes = uses.empty() ? all.front() : all[std::ranges::max_element(uses, by_count)->first];
  // Go knows tests beside their files alone.
  std::string folder = default_folder(file, language);
  if (language != "go" && !folders.empty())
    folder = folders.contains(file.folder) ? file.folder : std::ranges::max_element(folders, by_count)->first;
  return {fmt::format("{}{}{}{}{}", folder, affixes.before, file.stem, affixes.after, file.extension), false};
}

}  // namespace oc::tasks
