// SPDX-License-Identifier: Apache-2.0
#include "edit/path_words.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/text.hpp"
#include "syntax/language.hpp"

namespace oc::edit {
namespace {

using Naming = ProposedEdit::Naming;
using View = std::string_view;

constexpr std::size_t k_longest_path = 400;
constexpr std::size_t k_longest_extension = 12;

std::string lower_case(View text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_path_character(char c) {
  return is_letter(c) || is_digit(c) || View("._-/\\+@~$[]()").find(c) != View::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

View name_of(View path) {
  const std::size_t separator = path.find_last_of("/\\");
  return separator == View::npos ? path : path.substr(separator + 1);
}

constexpr std::array<View, 11> k_plain_names{"Makefile",    "Dockerfile", "CMakeLists.txt", "Gemfile",
                                             "Rakefile",    "Procfile",   "LICENSE",        "README",
                                             "Jenkinsfile", "Justfile",   "BUILD"};

// Has the form of a file's name: an extension that begins with a letter, or a name that is known without one.
bool looks_like_path(View word) {
  if (word.empty() || word.size() > k_longest_path || word.ends_with('/') || word.find("//") != View::npos)
    return false;
  if (!std::ranges::all_of(word, is_path_character)) return false;
  const View name = name_of(word);
  if (std::ranges::find(k_plain_names, name) != k_plain_names.end()) return true;
  const std::size_t dot = name.rfind('.');
  if (dot == View::npos) return word.front() == '.' && name.size() > 1 && word.find('/') != View::npos;
  const View extension = name.substr(dot + 1);
  return !extension.empty() && extension.size() <= k_longest_extension && is_letter(extension.front()) &&
         std::ranges::all_of(extension, [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; });
}

// "self.items", "foo.bar()" and "Node.js" have the form of a name, too: an extension must be one of a file.
bool is_surely_file(View path) {
  constexpr std::array<View, 12> k_products{"node.js",  "next.js",    "vue.js",   "nuxt.js",  "react.js",  "express.js",
                                            "three.js", "angular.js", "chart.js", "ember.js", "socket.io", "asp.net"};
  constexpr std::array<View, 18> k_extensions{"txt",  "rst",   "csv",     "tsv",          "log",       "lock",
                                              "env",  "mod",   "sum",     "in",           "example",   "sample",
                                              "adoc", "ipynb", "service", "editorconfig", "gitignore", "dockerignore"};
  if (path.find_first_of("/\\") != View::npos) return true;
  if (std::ranges::find(k_products, lower_case(path)) != k_products.end()) return false;
  const View name = name_of(path);
  if (name.starts_with('.') && name.size() > 2) return true;  // ".envrc"
  if (std::ranges::find(k_plain_names, name) != k_plain_names.end()) return true;
  if (std::ranges::find(k_extensions, lower_case(name.substr(name.rfind('.') + 1))) != k_extensions.end()) return true;
  return syntax::find_language_of_file(base::path_from_utf8(name)) != nullptr;
}

std::string with_slashes(View path) {
  std::string text(path);
  std::ranges::replace(text, '\\', '/');
  while (text.starts_with("./")) text.erase(0, 2);
  return text;
}

NamedPath alone(View path) { return {with_slashes(path), is_surely_file(path) ? Naming::stated : Naming::mentioned}; }

// Without emphasis, quotes and brackets that are around all of it, and without a colon behind it.
View unwrapped(View text) {
  constexpr std::array<std::pair<View, View>, 10> k_pairs{{{"`", "`"},
                                                           {"__", "__"},
                                                           {"*", "*"},
                                                           {"_", "_"},
                                                           {"\"", "\""},
                                                           {"'", "'"},
                                                           {"“", "”"},
                                                           {"(", ")"},
                                                           {"[", "]"},
                                                           {"<", ">"}}};
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    text = base::trim(text);
    while (!text.empty() && View(":,;").find(text.back()) != View::npos)
      text = base::trim(text.substr(0, text.size() - 1));
    for (const auto& [open, close] : k_pairs) {
      if (text.size() <= open.size() + close.size() || !text.starts_with(open) || !text.ends_with(close)) continue;
      text = text.substr(open.size(), text.size() - open.size() - close.size());
      goes_on = true;
    }
  }
  return text;
}

// Of "### x", "- x", "2. x", "> x", "=== x ===": the x.
View without_marker(View text) {
  const std::size_t blank = text.find(' ');
  if (blank == View::npos || blank == 0) return text;
  const View marker = text.substr(0, blank);
  const bool is_marker =
      marker.find_first_not_of("#-*+>=/") == View::npos || marker.find_first_not_of("0123456789.)") == View::npos;
  if (!is_marker) return text;
  text = base::trim(text.substr(blank));
  if (text.ends_with(marker) && text.size() > marker.size())
    text = base::trim(text.substr(0, text.size() - marker.size()));
  return text;
}

// Of "File: x", "Filename x", "New file: x": the x.
View without_introduction(View text) {
  constexpr std::array<View, 17> k_words{
      "file path", "filepath", "file name", "filename", "new file", "updated file", "modified file", "in file", "file",
      "full path", "path",     "create",    "update",   "updated",  "modify",       "modified",      "edit"};
  const std::string lower = lower_case(text.substr(0, 40));
  for (const View word : k_words) {
    if (!lower.starts_with(word) || text.size() <= word.size()) continue;
    if (text[word.size()] == ':' || text[word.size()] == ' ') return base::trim(text.substr(word.size() + 1));
  }
  return text;
}

// Of "x (new)": the x; of "[x](y)": the y.
View without_remark(View text) {
  const std::size_t link = text.find("](");
  if (text.starts_with('[') && text.ends_with(')') && link != View::npos) {
    const View target = text.substr(link + 2, text.size() - link - 3);
    return target.find("//") == View::npos ? target : text.substr(1, link - 1);
  }
  const std::size_t remark = text.rfind(" (");
  return text.ends_with(')') && remark != View::npos ? text.substr(0, remark) : text;
}

View bare(View text) {
  for (View before; before != text;) {
    before = text;
    text = without_remark(unwrapped(without_introduction(unwrapped(without_marker(base::trim(text))))));
  }
  return text;
}

// The path among the words of a sentence.
NamedPath path_in_sentence(View line) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while (at < line.size()) {
    const std::size_t end = std::min(line.find_first_of(" \t`*\"'()<>,;:", at), line.size());
    View word = line.substr(at, end - at);
    while (word.ends_with('.')) word.remove_suffix(1);
    if (looks_like_path(word) && is_surely_file(word) && std::ranges::find(found, word) == found.end())
      found.emplace_back(word);
    at = end + 1;
  }
  if (found.size() != 1) return {};
  return {with_slashes(found.front()), Naming::mentioned};
}

}  // namespace

NamedPath path_in_line(View line) {
  // "**File:** x": bold marks may stand anywhere, and in no path.
  std::string plain(line);
  for (std::size_t at = plain.find("**"); at != std::string::npos; at = plain.find("**", at)) plain.erase(at, 2);
  const View rest = bare(plain);
  return looks_like_path(rest) ? alone(rest) : path_in_sentence(plain);
}

NamedPath path_in_fence(View info) {
  const bool has_attributes = info.find('{') != View::npos;  // "{.python .numberLines}"
  bool is_first = true;
  for (std::size_t at = 0; at < info.size(); is_first = false) {
    const std::size_t end = std::min(info.find_first_of(" \t", at), info.size());
    View word = info.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = word.find('=');
    const std::size_t colon = word.rfind(':');
    const bool has_colon = is_first && colon != View::npos && colon > 1;
    // "Makefile" and "Dockerfile" are languages there.
    const bool is_language = is_first && colon == View::npos && syntax::find_language(word) != nullptr;
    if (equals == View::npos && (has_attributes || is_language)) continue;
    if (equals != View::npos) word = word.substr(equals + 1);
    else if (has_colon) word = word.substr(colon + 1);
    while (!word.empty() && View("\"'{}`").find(word.front()) != View::npos) word.remove_prefix(1);
    while (!word.empty() && View("\"'{}`,").find(word.back()) != View::npos) word.remove_suffix(1);
    if (looks_like_path(word)) return alone(word);
  }
  return {};
}

NamedPath path_in_comment(View first_line) {
  View text = base::trim(first_line);
  constexpr std::array<View, 7> k_marks{"<!--", "//", "/*", "--", "#", ";", "%"};
  const auto mark = std::ranges::find_if(k_marks, [&](View one) { return text.starts_with(one); });
  if (mark == k_marks.end() || text.starts_with("#!") || text.starts_with("#include")) return {};
  text.remove_prefix(mark->size());
  for (const View end : {View("-->"), View("*/")})
    if (text.ends_with(end)) text.remove_suffix(end.size());
  const View rest = bare(text);
  return looks_like_path(rest) ? alone(rest) : NamedPath{};
}

}  // namespace oc::edit
