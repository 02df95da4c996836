// SPDX-License-Identifier: Apache-2.0
#include "config/setting_edit.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"
#include "config/schema.hpp"
#include "config/setting_value.hpp"
#include "config/unknown_key.hpp"
#include "config/yaml_tree.hpp"

namespace oc::config {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using Kind = YamlNode::Kind;

// A piece of the text that is to be replaced.
struct Piece {
  std::size_t begin = 0;
  std::size_t length = 0;
};

// Words that other readers of YAML take for something else than text.
bool is_plain_safe(std::string_view text) {
  constexpr std::string_view k_letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view k_inside = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+-";
  static constexpr std::string_view k_reserved[] = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"};
  if (text.empty() || k_letters.find(text.front()) == std::string_view::npos) return false;
  if (text.find_first_not_of(k_inside) != std::string_view::npos) return false;
  return std::ranges::none_of(k_reserved, [&](std::string_view word) {
    return std::ranges::equal(word, text, [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  });
}

std::string in_yaml(std::string_view text) {
  if (is_plain_safe(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += '\\';
    if (byte < 0x20 || byte == 0x7F) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  return out + "\"";
}

std::string rendered(const Setting& setting, const SettingValue& value) {
  const bool is_text = setting.type == ValueType::text || setting.type == ValueType::name_or_path;
  return is_text ? in_yaml(to_text(value)) : to_text(value);
}

const YamlNode* find_child(const YamlNode& mapping, std::string_view key) {
  const auto found = std::ranges::find(mapping.children, key, &YamlNode::key);
  return found == mapping.children.end() ? nullptr : &*found;
}

// The line with its number, without its end.
Piece find_line(std::string_view text, base::LineNumber line) {
  std::size_t begin = 0;
  for (std::int64_t i = 1; i < line.value; ++i) begin = std::min(text.find('\n', begin), text.size() - 1) + 1;
  std::size_t end = std::min(text.find('\n', begin), text.size());
  if (end > begin && text[end - 1] == '\r') --end;
  return {begin, end - begin};
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t", at), text.size());
}

// Where the line's value begins if the line reads "key:" and perhaps more; nullopt for any other layout.
std::optional<std::size_t> find_value(std::string_view line, std::string_view key) {
  std::size_t at = skip_spaces(line, 0);
  if (!line.substr(at).starts_with(key)) return std::nullopt;
  at = skip_spaces(line, at + key.size());
  if (at >= line.size() || line[at] != ':') return std::nullopt;
  const std::size_t value = skip_spaces(line, at + 1);
  if (value == at + 1 && value < line.size()) return std::nullopt;  // "key:value" is one word
  return value;
}

// How long the scalar is that the line holds from `at` on: without the blanks and the comment behind it.
std::optional<std::size_t> scalar_length(std::string_view line, std::size_t at) {
  const std::string_view rest = line.substr(at);
  if (rest.empty() || rest.front() == '#') return 0;
  if (std::string_view("|>&*![{").find(rest.front()) != std::string_view::npos) return std::nullopt;
  if (rest.front() == '"') {
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '\\') ++i;
      else if (rest[i] == '"') return i + 1;
    }
    return std::nullopt;
  }
  if (rest.front() == '\'') {
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] != '\'') continue;
      if (i + 1 == rest.size() || rest[i + 1] != '\'') return i + 1;
      ++i;
    }
    return std::nullopt;
  }
  const std::size_t comment = std::min(rest.find(" #"), rest.find("\t#"));
  return base::trim_end(rest.substr(0, comment)).size();
}

std::string replaced(std::string_view text, Piece piece, std::string_view by) {
  return fmt::format("{}{}{}", text.substr(0, piece.begin), by, text.substr(piece.begin + piece.length));
}

class Edit {
 public:
  Edit(std::string_view text, const Setting& setting, std::string value)
      : text_(text),
        setting_(setting),
        value_(std::move(value)),
        line_end_(base::detect_line_end(text) == base::LineEnd::crlf ? "\r\n" : "\n") {}

  // nullopt: the text is not laid out in a way that this can change.
  std::optional<std::string> apply(const YamlNode& root) const {
    if (root.kind == Kind::nothing) return with_section("");
    if (root.kind != Kind::mapping || root.children.empty()) return std::nullopt;
    const YamlNode* section = find_child(root, setting_.section());
    if (section == nullptr) return with_section(indentation_of(root.children.front()));
    if (section->kind != Kind::mapping && section->kind != Kind::nothing) return std::nullopt;
    const YamlNode* node = find_child(*section, setting_.name());
    return node != nullptr ? with_value(*node) : with_key(*section);
  }

 private:
  std::string_view line_of(const YamlNode& node) const {
    const Piece line = find_line(text_, node.line);
    return text_.substr(line.begin, line.length);
  }
  std::string_view indentation_of(const YamlNode& node) const {
    std::string_view line = line_of(node);
    if (line.starts_with(base::k_byte_order_mark)) line.remove_prefix(base::k_byte_order_mark.size());
    return base::indentation(line);
  }

  std::optional<std::string> with_value(const YamlNode& node) const {
    const Piece line = find_line(text_, node.line);
    const std::string_view content = text_.substr(line.begin, line.length);
    const auto at = find_value(content, setting_.name());
    const auto length = at ? scalar_length(content, *at) : std::nullopt;
    if (!length) return std::nullopt;
    const std::string before = content[*at - 1] == ':' ? " " : "";
    const std::string after = *length == 0 && *at < content.size() ? " " : "";  // a comment keeps its distance
    return replaced(text_, {line.begin + *at, *length}, before + value_ + after);
  }

  // Directly below the section's own line: what follows, with its comments, stays together.
  std::optional<std::string> with_key(const YamlNode& section) const {
    const Piece line = find_line(text_, section.line);
    std::string_view content = text_.substr(line.begin, line.length);
    if (content.starts_with(base::k_byte_order_mark)) content.remove_prefix(base::k_byte_order_mark.size());
    if (!find_value(content, setting_.section())) return std::nullopt;
    const std::string indentation = section.kind == Kind::mapping
                                        ? std::string(indentation_of(section.children.front()))
                                        : std::string(indentation_of(section)) + "  ";
    const std::size_t end = line.begin + line.length;
    return replaced(text_, {end, 0}, fmt::format("{}{}{}: {}", line_end_, indentation, setting_.name(), value_));
  }

  std::string with_section(std::string_view indentation) const {
    const bool is_line_open = !text_.empty() && text_ != base::k_byte_order_mark && text_.back() != '\n';
    return fmt::format("{0}{1}{2}{3}:{5}{2}  {4}: {6}{5}", text_, is_line_open ? line_end_ : "", indentation,
                       setting_.section(), setting_.name(), line_end_, value_);
  }

  std::string_view text_;
  const Setting& setting_;
  std::string value_;
  std::string line_end_;
};

// The tree that the edit is meant to give, whatever the order of what it added.
bool is_as_wanted(YamlNode before, YamlNode after, const Setting& setting, const SettingValue& value) {
  if (after.kind != Kind::mapping) return false;
  const auto take = [&setting](YamlNode& root) -> std::optional<YamlNode> {
    const auto section = std::ranges::find(root.children, setting.section(), &YamlNode::key);
    if (section == root.children.end()) return std::nullopt;
    const auto node = std::ranges::find(section->children, setting.name(), &YamlNode::key);
    std::optional<YamlNode> taken;
    if (node != section->children.end()) {
      taken = *node;
      section->children.erase(node);
    }
    if (section->children.empty()) root.children.erase(section);
    return taken;
  };
  take(before);
  const auto taken = take(after);
  if (!taken) return false;
  const auto read = parse_value(setting, *taken);
  after.kind = before.kind = Kind::mapping;
  return read && *read == value && has_same_values(before, after);
}

}  // namespace

Result<std::string> with_setting(std::string_view yaml_text, std::string_view key, std::string_view value) {
  const std::string subject = fmt::format("cannot set {}", base::in_quotes(key));
  const Setting* setting = find_setting(key);
  if (setting == nullptr) return fail(ErrorKind::usage, subject + ": there is no such key", hint_for_key(key));
  if (setting->type == ValueType::folders || setting->type == ValueType::texts)
    return fail(ErrorKind::usage, subject + ": it is a list", "edit the file by hand");
  const auto wanted = parse_value(*setting, value);
  if (!wanted)
    return fail(ErrorKind::usage, fmt::format("{}: it {}", subject, wanted.error().reason), wanted.error().hint);
  const auto before = parse_yaml(yaml_text);
  if (!before)
    return fail(ErrorKind::configuration,
                fmt::format("{}: line {}: {}", subject, before.error().line.value, before.error().reason),
                before.error().hint);
  const auto text = Edit(yaml_text, *setting, rendered(*setting, *wanted)).apply(*before);
  const auto after = text ? parse_yaml(*text) : std::unexpected(YamlProblem{});
  if (!after || !is_as_wanted(*before, *after, *setting, *wanted))
    return fail(ErrorKind::configuration, subject + ": the file is not laid out as 'section:' with a key on each line",
                "edit the file by hand");
  return *text;
}

}  // namespace oc::config
