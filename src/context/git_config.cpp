// SPDX-License-Identifier: Apache-2.0
#include "context/git_config.hpp"

#include <algorithm>

#include "base/files.hpp"
#include "base/text.hpp"
#include "base/user_folders.hpp"

namespace oc::context {
namespace {

using base::Path;

constexpr base::ByteCount k_config_limit{4 << 20};
constexpr int k_include_depth = 10;  // git's own limit

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(to_lower(c));
  return result;
}

bool is_name_character(char c) {
  const unsigned char l = to_lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

class ConfigReader {
 public:
  explicit ConfigReader(std::string_view text) : text_(text) {
    if (text_.starts_with(base::k_byte_order_mark)) at_ = base::k_byte_order_mark.size();
  }

  // The next setting; false at the end or where the text makes no sense.
  bool read(std::string& key, std::string& value) {
    for (;;) {
      skip_blank();
      if (at_ >= text_.size()) return false;
      if (peek() == '#' || peek() == ';') {
        skip_line();
      } else if (peek() == '[') {
        if (!read_section()) return false;
      } else {
        return read_setting(key, value);
      }
    }
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size()); }
  void skip_blank() { at_ = std::min(text_.find_first_not_of(" \t\r\n\v\f", at_), text_.size()); }
  void skip_spaces() { at_ = std::min(text_.find_first_not_of(" \t", at_), text_.size()); }

  // "[section]", "[section.sub]" (old) or "[section "Sub"]".
  bool read_section() {
    ++at_;
    section_.clear();
    while (is_name_character(peek()) || peek() == '.') section_ += static_cast<char>(to_lower(text_[at_++]));
    skip_spaces();
    if (peek() == '"') {
      section_ += '.';
      for (++at_; peek() != '"'; ++at_) {
        if (peek() == '\\') ++at_;
        if (peek() == '\n') return false;
        section_ += text_[at_];
      }
      ++at_;
    }
    if (peek() != ']') return false;
    ++at_;
    return true;
  }

  bool read_setting(std::string& key, std::string& value) {
    const std::size_t first = at_;
    while (is_name_character(peek())) ++at_;
    if (at_ == first || section_.empty()) return false;
    key = section_ + '.' + lower(text_.substr(first, at_ - first));
    skip_spaces();
    value = "true";
    if (peek() == '\r' || peek() == '\n' || peek() == '#' || peek() == ';') {
      skip_line();
      return true;
    }
    if (peek() != '=') return false;
    ++at_;
    skip_spaces();
    return read_value(value);
  }

  bool read_value(std::string& value) {
    value.clear();
    bool is_quoted = false;
    std::size_t kept = 0;  // white space at the end does not count unless quoted
    for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
      const char c = text_[at_];
      if (c == '\r' && peek_next() == '\n') continue;
      if (c == '"') {
        is_quoted = !is_quoted;
        kept = value.size();
        continue;
      }
      if (!is_quoted && (c == '#' || c == ';')) {
        skip_line();
        break;
      }
      if (c == '\\') {
        if (!read_escape(value)) return false;
      } else {
        value += c;
        if (!is_quoted && (c == ' ' || c == '\t')) continue;
      }
      kept = value.size();
    }
    value.resize(kept);
    return !is_quoted;
  }

  char peek_next() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }

  bool read_escape(std::string& value) {
    ++at_;
    if (peek() == '\r' && peek_next() == '\n') ++at_;
    switch (peek()) {
      case '\n': return true;  // the value goes on in the next line
      case 't': value += '\t'; return true;
      case 'b': value += '\b'; return true;
      case 'n': value += '\n'; return true;
      case '\\':
      case '"': value += peek(); return true;
      default: return false;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string section_;
};

std::optional<Path> home_folder() {
  auto home = base::environment_variable("HOME");
  if (!home) home = base::environment_variable("USERPROFILE");
  if (!home) return std::nullopt;
  return base::path_from_utf8(*home);
}

// "~/x" lies in the home folder, anything relative in `folder`.
Path path_of(const std::string& value, const Path& folder) {
  if (value.starts_with("~/"))
    if (const auto home = home_folder()) return *home / base::path_from_utf8(value.substr(2));
  const Path path = base::path_from_utf8(value);
  return path.is_absolute() ? path : folder / path;
}

bool is_true(const std::string& value) {
  const std::string word = lower(value);
  if (word == "true" || word == "yes" || word == "on") return true;
  return !word.empty() && word.find_first_not_of("0123456789") == std::string::npos &&
         word.find_first_not_of('0') != std::string::npos;
}

// Reads files in the order in which later ones win.
class SettingsLoader {
 public:
  explicit SettingsLoader(const GitFolders* repository) : repository_(repository) {}

  GitSettings load() {
    const auto home = home_folder();
    std::optional<Path> user_folder;  // $XDG_CONFIG_HOME/git
    if (const auto xdg = base::environment_variable("XDG_CONFIG_HOME"))
      user_folder = base::path_from_utf8(*xdg) / "git";
    else if (home) user_folder = *home / ".config" / "git";
    if (user_folder) settings_.excludes_file = *user_folder / "ignore";

    const auto without_system = base::environment_variable("GIT_CONFIG_NOSYSTEM");
    if (!without_system || !is_true(*without_system))
      read_file(base::path_from_utf8(base::environment_variable("GIT_CONFIG_SYSTEM").value_or("/etc/gitconfig")), 0);
    if (const auto global = base::environment_variable("GIT_CONFIG_GLOBAL")) {
      read_file(base::path_from_utf8(*global), 0);
    } else {
      if (user_folder) read_file(*user_folder / "config", 0);
      if (home) read_file(*home / ".gitconfig", 0);
    }
    if (repository_ != nullptr) read_file(repository_->common / "config", 0);
    if (repository_ != nullptr && has_worktree_config_) read_file(repository_->own / "config.worktree", 0);
    return settings_;
  }

 private:
  void read_file(const Path& path, int depth) {
    const auto text = base::read_file(path, k_config_limit);
    if (!text) return;
    parse_git_config(*text, [&](const std::string& key, const std::string& value) { take(key, value, path, depth); });
  }

  void take(const std::string& key, const std::string& value, const Path& file, int depth) {
    if (key == "core.excludesfile") {
      settings_.excludes_file.reset();
      if (!value.empty()) settings_.excludes_file = path_of(value, repository_ != nullptr ? repository_->top : Path());
    } else if (key == "core.ignorecase") {
      settings_.case_rule = is_true(value) ? CaseRule::folded : CaseRule::exact;
    } else if (key == "extensions.objectformat") {
      settings_.hash_size = lower(value) == "sha256" ? 32 : 20;
    } else if (key == "extensions.worktreeconfig") {
      has_worktree_config_ = is_true(value);
    } else if (key == "include.path" || is_included(key, file)) {
      if (depth < k_include_depth && !value.empty()) read_file(path_of(value, file.parent_path()), depth + 1);
    }
  }

  // Is it "includeif.gitdir:PATTERN.path" with a pattern that the repository's folder matches?
  bool is_included(const std::string& key, const Path& file) const {
    constexpr std::string_view head = "includeif.gitdir", tail = ".path";
    if (repository_ == nullptr || !key.starts_with(head) || !key.ends_with(tail)) return false;
    std::string_view condition = std::string_view(key).substr(head.size());
    CaseRule rule = CaseRule::exact;
    if (condition.starts_with("/i:")) rule = CaseRule::folded;
    else if (!condition.starts_with(':')) return false;
    condition.remove_prefix(rule == CaseRule::folded ? 3 : 1);
    if (condition.size() <= tail.size()) return false;
    condition.remove_suffix(tail.size());
    std::string pattern(condition);
    if (pattern.starts_with("~/") || pattern.starts_with("./"))
      pattern = base::to_utf8(path_of(pattern, file.parent_path()).lexically_normal());
    else if (!base::path_from_utf8(pattern).is_absolute()) pattern = "**/" + pattern;
    if (pattern.ends_with('/')) pattern += "**";
    return Wildcard(pattern, rule).matches(base::to_utf8(repository_->own));
  }

  const GitFolders* repository_;
  GitSettings settings_;
  bool has_worktree_config_ = false;
};

}  // namespace

void parse_git_config(std::string_view text, const std::function<void(const std::string&, const std::string&)>& take) {
  ConfigReader reader(text);
  std::string key, value;
  while (reader.read(key, value)) take(key, value);
}

GitSettings load_git_settings(const GitFolders* repository) { return SettingsLoader(repository).load(); }

}  // namespace oc::context
