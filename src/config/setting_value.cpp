// SPDX-License-Identifier: Apache-2.0
#include "config/setting_value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.hpp"

namespace oc::config {
namespace {

using Kind = YamlNode::Kind;
using Parsed = std::expected<SettingValue, ValueProblem>;

constexpr char k_folder_separator = base::Path::preferred_separator == '/' ? ':' : ';';
constexpr std::size_t k_shown_bytes = 60;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// "500", "500 kB", "10MB": decimal units, as format_bytes writes them.
std::optional<std::int64_t> parse_bytes(std::string_view text) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const std::string_view unit = base::trim(text.substr(digits));
  const std::int64_t factor = unit.empty() || unit == "B" ? 1
                              : unit == "kB"              ? 1000
                              : unit == "MB"              ? 1'000'000
                              : unit == "GB"              ? 1'000'000'000
                                                          : 0;
  const auto number = parse_number<std::int64_t>(text.substr(0, digits));
  if (!number || factor == 0 || *number > INT64_MAX / factor) return std::nullopt;
  return *number * factor;
}

std::string expectation(const Setting& setting) {
  const auto whole = [](double value) { return static_cast<std::int64_t>(value); };
  switch (setting.type) {
    case ValueType::text:
    case ValueType::name_or_path: return fmt::format("text of at most {} bytes", whole(setting.high));
    case ValueType::integer:
      return fmt::format("a whole number from {} to {}", whole(setting.low), whole(setting.high));
    case ValueType::number: return fmt::format("a number from {} to {}", setting.low, setting.high);
    case ValueType::toggle: return "true or false";
    case ValueType::bytes:
      return fmt::format("a size from {} to {} bytes, such as 500 kB or 10 MB", whole(setting.low),
                         whole(setting.high));
    case ValueType::word: return fmt::format("one of {}", fmt::join(setting.words, ", "));
    case ValueType::folders: return "a list of folders";
    case ValueType::texts: return fmt::format("a list of texts of at most {} bytes each", whole(setting.high));
  }
  std::unreachable();
}

std::string shown(std::string_view text) {
  if (text.size() <= k_shown_bytes) return base::in_quotes(text);
  const std::size_t cut = base::complete_utf8_prefix(text.substr(0, k_shown_bytes));
  return base::in_quotes(text.substr(0, cut)) + "…";
}

std::string found(const YamlNode& node) {
  switch (node.kind) {
    case Kind::nothing: return "nothing";
    case Kind::plain: return shown(node.text);
    case Kind::quoted: return "the text " + shown(node.text);
    case Kind::list: return "a list";
    case Kind::mapping: return "a section";
  }
  std::unreachable();
}

std::unexpected<ValueProblem> wrong(const Setting& setting, const YamlNode& node, std::string hint = {}) {
  return std::unexpected(
      ValueProblem{fmt::format("must be {}, not {}", expectation(setting), found(node)), std::move(hint)});
}

bool is_in_range(const Setting& setting, double value) { return value >= setting.low && value <= setting.high; }

Parsed parse_text(const Setting& setting, const YamlNode& node) {
  if (node.kind != Kind::plain && node.kind != Kind::quoted) return wrong(setting, node);
  if (static_cast<double>(node.text.size()) > setting.high)
    return std::unexpected(
        ValueProblem{fmt::format("must be {}, not {}", expectation(setting), node.text.size()), "shorten it"});
  if (base::find_invalid_utf8(node.text)) return std::unexpected(ValueProblem{"must be UTF-8 text", ""});
  return node.text;
}

Parsed parse_word(const Setting& setting, const YamlNode& node) {
  if (node.kind != Kind::plain && node.kind != Kind::quoted) return wrong(setting, node);
  if (std::ranges::find(setting.words, node.text) != setting.words.end()) return node.text;
  const std::vector<std::string> words(setting.words.begin(), setting.words.end());
  const auto nearest = base::find_nearest(node.text, words);
  return wrong(setting, node, nearest ? fmt::format("did you mean '{}'?", *nearest) : "");
}

Parsed parse_toggle(const Setting& setting, const YamlNode& node) {
  if (node.kind != Kind::plain) return wrong(setting, node);
  if (node.text == "true") return true;
  if (node.text == "false") return false;
  return wrong(setting, node);
}

Parsed parse_folders(const Setting& setting, const YamlNode& node) {
  if (node.kind != Kind::list) return wrong(setting, node, "write it as a list: [first, second]");
  std::vector<std::string> folders;
  for (const YamlNode& item : node.children) {
    const bool is_text = item.kind == Kind::plain || item.kind == Kind::quoted;
    if (!is_text || item.text.empty()) return std::unexpected(ValueProblem{"must be a list of folders' names", ""});
    folders.push_back(item.text);
  }
  return folders;
}

Parsed parse_texts(const Setting& setting, const YamlNode& node) {
  if (node.kind != Kind::list) return wrong(setting, node, "write it as a list, each entry on a line behind '- '");
  std::vector<std::string> texts;
  for (const YamlNode& item : node.children) {
    const bool is_text = item.kind == Kind::plain || item.kind == Kind::quoted;
    if (!is_text || base::is_blank(item.text) || base::find_invalid_utf8(item.text) ||
        static_cast<double>(item.text.size()) > setting.high)
      return std::unexpected(ValueProblem{fmt::format("must be {}; one entry is {}", expectation(setting), found(item)),
                                          "put the entry in quotes"});
    texts.push_back(item.text);
  }
  return texts;
}

// "a<separator>b" as a list; empty entries are left out.
YamlNode make_list(std::string_view text, char separator) {
  YamlNode list{.kind = Kind::list};
  for (std::size_t from = 0; from <= text.size();) {
    const std::size_t to = std::min(text.find(separator, from), text.size());
    if (to > from) list.children.push_back({.kind = Kind::plain, .text = std::string(text.substr(from, to - from))});
    from = to + 1;
  }
  return list;
}

}  // namespace

Parsed parse_value(const Setting& setting, const YamlNode& node) {
  switch (setting.type) {
    case ValueType::text:
    case ValueType::name_or_path: return parse_text(setting, node);
    case ValueType::word: return parse_word(setting, node);
    case ValueType::toggle: return parse_toggle(setting, node);
    case ValueType::folders: return parse_folders(setting, node);
    case ValueType::texts: return parse_texts(setting, node);
    case ValueType::integer:
    case ValueType::number:
    case ValueType::bytes: break;
  }
  if (node.kind != Kind::plain) return wrong(setting, node);
  if (setting.type == ValueType::number) {
    const auto number = parse_number<double>(node.text);
    if (!number || !std::isfinite(*number) || !is_in_range(setting, *number)) return wrong(setting, node);
    return *number == 0 ? 0.0 : *number;  // "-0" is 0
  }
  const auto integer =
      setting.type == ValueType::bytes ? parse_bytes(node.text) : parse_number<std::int64_t>(node.text);
  if (!integer || !is_in_range(setting, static_cast<double>(*integer))) return wrong(setting, node);
  return *integer;
}

Parsed parse_value(const Setting& setting, std::string_view text) {
  if (setting.type == ValueType::folders) return parse_value(setting, make_list(text, k_folder_separator));
  if (setting.type == ValueType::texts) return parse_value(setting, make_list(text, '\n'));
  return parse_value(setting, YamlNode{.kind = Kind::plain, .text = std::string(text)});
}

SettingValue default_value(const Setting& setting) { return *parse_value(setting, setting.default_text); }

Settings default_settings() {
  Settings settings;
  for (const Setting& setting : all_settings()) setting.store(settings, default_value(setting));
  return settings;
}

std::string to_text(const SettingValue& value) {
  return std::visit(
      [](const auto& v) -> std::string {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::string>) return v;
        else if constexpr (std::is_same_v<T, std::vector<std::string>>) return fmt::format("{}", fmt::join(v, ", "));
        else return fmt::format("{}", v);
      },
      value);
}

}  // namespace oc::config
