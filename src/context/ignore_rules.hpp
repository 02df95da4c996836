// SPDX-License-Identifier: Apache-2.0
// The rules of ignore files in the syntax of .gitignore, and their order: the deepest folder first, the last line
// first. Finding and reading the files is left to discovery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/folder_entries.hpp"
#include "context/ignore_match.hpp"

namespace oc::context {

enum class Verdict { ignored, wanted };  // wanted: by a rule that begins with '!'

// A path as rules see it.
struct RulePath {
  std::string_view path;    // '/' between parts, from the same folder as every list's base
  std::size_t name_at = 0;  // where its last part begins
  base::EntryKind kind = base::EntryKind::file;
};

// The rules of one file.
class IgnoreList {
 public:
  // `base_size`: length of the part of paths that names the folder of the file, with its '/'; 0 at the top. Any bytes
  // are rules; what makes no sense matches nothing.
  IgnoreList(std::string_view text, std::size_t base_size, CaseRule rule);

  // What the last rule that matches says; nullopt: none does. Only for paths below the folder of the file.
  std::optional<Verdict> find_verdict(const RulePath& path) const;
  bool is_empty() const { return rules_.empty(); }

 private:
  enum class Form : std::uint8_t { name, name_end, name_wildcard, path, path_wildcard };
  struct Rule {
    Form form = Form::name;
    bool is_negative = false;
    bool is_for_folders = false;
    unsigned char last = 0;     // the last character of what it matches; 0: any
    std::uint32_t text_at = 0;  // its literal part, in text_
    std::uint32_t text_size = 0;
    std::uint32_t wildcard = 0;  // in wildcards_
  };

  void add_line(std::string_view line);
  void add_name_rule(std::string_view pattern, Rule rule);
  void add_path_rule(std::string_view pattern, Rule rule);
  void add_wildcard(std::string_view pattern, Rule& rule);
  void keep_text(std::string_view text, Rule& rule);
  bool is_match(const Rule& rule, std::string_view path, std::string_view name) const;

  std::vector<Rule> rules_;
  std::vector<Wildcard> wildcards_;
  std::string text_;
  std::size_t base_size_ = 0;
  CaseRule rule_ = CaseRule::exact;
};

// A list and those that count where it says nothing, up to the user's own.
struct IgnoreScope {
  const IgnoreScope* outer = nullptr;
  IgnoreList list;
};
// nullptr: no rules.
std::optional<Verdict> find_verdict(const IgnoreScope* innermost, const RulePath& path);

}  // namespace oc::context
