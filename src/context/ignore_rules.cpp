// SPDX-License-Identifier: Apache-2.0
#include "context/ignore_rules.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace oc::context {
namespace {

// Spaces at the end do not count, unless one is escaped; other white space does.
std::string_view without_trailing_spaces(std::string_view line) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\') {
      ++i;
      if (i == line.size()) return line;
      end = i + 1;
    } else if (line[i] != ' ') {
      end = i + 1;
    }
  }
  return line.substr(0, end);
}

}  // namespace

IgnoreList::IgnoreList(std::string_view text, std::size_t base_size, CaseRule rule)
    : base_size_(base_size), rule_(rule) {
  constexpr std::size_t limit = std::numeric_limits<std::uint32_t>::max();  // offsets are of 32 bits
  text = text.substr(0, limit);
  if (text.starts_with(base::k_byte_order_mark)) text.remove_prefix(base::k_byte_order_mark.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.starts_with('#')) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    add_line(without_trailing_spaces(line.substr(0, line.find('\0'))));
  }
}

void IgnoreList::add_line(std::string_view line) {
  Rule rule;
  if (line.starts_with('!')) {
    rule.is_negative = true;
    line.remove_prefix(1);
  }
  if (line.ends_with('/')) {
    rule.is_for_folders = true;
    line.remove_suffix(1);
  }
  if (line.empty()) return;
  if (line.find('/') == std::string_view::npos) {
    add_name_rule(line, rule);
    return;
  }
  constexpr std::string_view in_any_folder = "**/";
  const std::string_view below = line.starts_with(in_any_folder) ? line.substr(in_any_folder.size()) : "";
  if (!below.empty() && below.find('/') == std::string_view::npos) add_name_rule(below, rule);
  else add_path_rule(line, rule);
}

void IgnoreList::add_name_rule(std::string_view pattern, Rule rule) {
  if (plain_length(pattern) == pattern.size()) {
    rule.form = Form::name;
    keep_text(pattern, rule);
  } else if (pattern.starts_with('*') && plain_length(pattern.substr(1)) == pattern.size() - 1) {
    rule.form = Form::name_end;
    keep_text(pattern.substr(1), rule);
  } else {
    rule.form = Form::name_wildcard;
    add_wildcard(pattern, rule);
  }
  rules_.push_back(rule);
}

// As git does, the wildcards begin after the literal part: "a**/b" matches "ab" since "**/" stands first then.
void IgnoreList::add_path_rule(std::string_view pattern, Rule rule) {
  if (pattern.starts_with('/')) pattern.remove_prefix(1);
  const std::size_t plain = plain_length(pattern);
  keep_text(pattern.substr(0, plain), rule);
  rule.form = plain == pattern.size() ? Form::path : Form::path_wildcard;
  if (rule.form == Form::path_wildcard) add_wildcard(pattern.substr(plain), rule);
  rules_.push_back(rule);
}

void IgnoreList::add_wildcard(std::string_view pattern, Rule& rule) {
  rule.wildcard = static_cast<std::uint32_t>(wildcards_.size());
  wildcards_.emplace_back(pattern, rule_);
  rule.last = wildcards_.back().last_character();
}

void IgnoreList::keep_text(std::string_view text, Rule& rule) {
  rule.text_at = static_cast<std::uint32_t>(text_.size());
  rule.text_size = static_cast<std::uint32_t>(text.size());
  for (const char c : text) text_ += rule_ == CaseRule::folded ? static_cast<char>(to_lower(c)) : c;
  rule.last = text.empty() ? 0 : static_cast<unsigned char>(text_.back());
}

bool IgnoreList::is_match(const Rule& rule, std::string_view path, std::string_view name) const {
  const std::string_view text = std::string_view(text_).substr(rule.text_at, rule.text_size);
  switch (rule.form) {
    case Form::name: return text.size() == name.size() && is_same(text, name, rule_);
    case Form::name_end:
      return text.size() <= name.size() && is_same(text, name.substr(name.size() - text.size()), rule_);
    case Form::name_wildcard: return wildcards_[rule.wildcard].matches(name);
    case Form::path: return text.size() == path.size() && is_same(text, path, rule_);
    case Form::path_wildcard:
      return text.size() <= path.size() && is_same(text, path.substr(0, text.size()), rule_) &&
             wildcards_[rule.wildcard].matches(path.substr(text.size()));
  }
  return false;
}

std::optional<Verdict> IgnoreList::find_verdict(const RulePath& path) const {
  if (rules_.empty() || path.path.size() <= base_size_ || path.name_at >= path.path.size()) return std::nullopt;
  const std::string_view relative = path.path.substr(base_size_);
  const std::string_view name = path.path.substr(path.name_at);
  const char back = path.path.back();
  const unsigned char last = rule_ == CaseRule::folded ? to_lower(back) : static_cast<unsigned char>(back);
  const bool is_folder = path.kind == base::EntryKind::folder;
  for (std::size_t i = rules_.size(); i-- > 0;) {
    const Rule& rule = rules_[i];
    if (rule.last != last && rule.last != 0) continue;  // most rules end here
    if (rule.is_for_folders && !is_folder) continue;
    if (is_match(rule, relative, name)) return rule.is_negative ? Verdict::wanted : Verdict::ignored;
  }
  return std::nullopt;
}

std::optional<Verdict> find_verdict(const IgnoreScope* innermost, const RulePath& path) {
  for (const IgnoreScope* scope = innermost; scope != nullptr; scope = scope->outer)
    if (const auto verdict = scope->list.find_verdict(path)) return verdict;
  return std::nullopt;
}

}  // namespace oc::context
