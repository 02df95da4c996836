// SPDX-License-Identifier: Apache-2.0
#include "edit/jsonc.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::edit {
namespace {

constexpr int k_depth = 64;

template <class T>
using Parsed = std::expected<T, JsoncProblem>;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}
  Parsed<std::optional<JsoncValue>> parse_file();

 private:
  using Kind = JsoncValue::Kind;

  std::unexpected<JsoncProblem> problem(std::string reason) const {
    const auto lines = std::ranges::count(text_.substr(0, std::min(at_, text_.size())), '\n');
    return std::unexpected(JsoncProblem{base::LineNumber(lines + 1), std::move(reason)});
  }
  bool is_at_end() const { return at_ == text_.size(); }
  bool is_next(char c) const { return !is_at_end() && text_[at_] == c; }
  std::string what_stands_here() const;

  // Each skips what stands before it.
  Parsed<void> skip_blanks();
  Parsed<JsoncValue> parse_value(int depth);
  Parsed<void> parse_children(JsoncValue& parent, int depth);
  Parsed<JsoncValue> parse_child(bool is_member, int depth);
  Parsed<std::string> parse_string();
  Parsed<void> parse_word();
  Parsed<char> parse_escape();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t last_mark_ = 0;  // behind what was last read and is not white space
};

std::string Parser::what_stands_here() const {
  return is_at_end() ? "the end of the file" : base::in_quotes(text_.substr(at_, 1));
}

Parsed<void> Parser::skip_blanks() {
  for (;;) {
    while (!is_at_end() && std::string_view(" \t\r\n").contains(text_[at_])) ++at_;
    const std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) {
      at_ += std::min(rest.find('\n'), rest.size());
      last_mark_ = at_ - (text_[at_ - 1] == '\r' ? 1 : 0);
    } else if (rest.starts_with("/*")) {
      const std::size_t end = rest.find("*/", 2);
      if (end == std::string_view::npos) return problem("a comment has no end");
      at_ += end + 2;
      last_mark_ = at_;
    } else {
      return {};
    }
  }
}

// The character behind a backslash, which is behind us. Of \uXXXX only ASCII is resolved.
Parsed<char> Parser::parse_escape() {
  constexpr std::array<std::pair<char, char>, 8> k_escapes{
      {{'"', '"'}, {'\\', '\\'}, {'/', '/'}, {'b', '\b'}, {'f', '\f'}, {'n', '\n'}, {'r', '\r'}, {'t', '\t'}}};
  const char c = is_at_end() ? '\0' : text_[at_++];
  const auto simple = std::ranges::find(k_escapes, c, &std::pair<char, char>::first);
  if (simple != k_escapes.end()) return simple->second;
  if (c != 'u') return problem("a string has an escape that JSON does not know");
  const std::string_view digits = text_.substr(at_, 4);
  unsigned code = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || failure != std::errc() || end != digits.data() + digits.size())
    return problem("\\u in a string needs four hexadecimal digits");
  at_ += 4;
  return code < 0x80 ? static_cast<char>(code) : '?';  // nobody compares those
}

Parsed<std::string> Parser::parse_string() {
  if (!is_next('"'))
    return problem(fmt::format("a string in double quotes should stand here, not {}", what_stands_here()));
  ++at_;
  std::string value;
  for (;;) {
    if (is_at_end() || text_[at_] == '\n') return problem("a string has no end");
    const char c = text_[at_++];
    if (c == '"') break;
    if (c != '\\') {
      value += c;
      continue;
    }
    const auto escaped = parse_escape();
    if (!escaped) return std::unexpected(escaped.error());
    value += *escaped;
  }
  last_mark_ = at_;
  return value;
}

// true, false, null or a number: roughly, since nothing of ours depends on it.
Parsed<void> Parser::parse_word() {
  const std::size_t begin = at_;
  const auto is_of_word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
           c == '.';
  };
  while (!is_at_end() && is_of_word(text_[at_])) ++at_;
  const std::string_view word = text_.substr(begin, at_ - begin);
  const bool is_number = !word.empty() && (word[0] == '-' || (word[0] >= '0' && word[0] <= '9'));
  last_mark_ = at_;
  if (is_number || word == "true" || word == "false" || word == "null") return {};
  at_ = begin;
  return problem(fmt::format("a value should stand here, not {}", what_stands_here()));
}

Parsed<JsoncValue> Parser::parse_child(bool is_member, int depth) {
  std::string key;
  if (is_member) {
    auto name = parse_string();
    if (!name) return std::unexpected(name.error());
    key = std::move(*name);
    if (const auto skipped = skip_blanks(); !skipped) return std::unexpected(skipped.error());
    if (!is_next(':')) return problem(fmt::format("':' should stand here, not {}", what_stands_here()));
    ++at_;
  }
  auto value = parse_value(depth);
  if (value) value->key = std::move(key);
  return value;
}

// From behind the opening bracket to behind the closing one.
Parsed<void> Parser::parse_children(JsoncValue& parent, int depth) {
  const bool is_object = parent.kind == Kind::object;
  const char closing = is_object ? '}' : ']';
  for (bool may_follow = true;;) {
    if (const auto skipped = skip_blanks(); !skipped) return skipped;
    if (is_next(closing)) {
      parent.has_trailing_comma = may_follow && !parent.children.empty();
      parent.last_mark = last_mark_;
      last_mark_ = ++at_;
      return {};
    }
    if (!may_follow) return problem(fmt::format("',' or '{}' should stand here, not {}", closing, what_stands_here()));
    auto child = parse_child(is_object, depth);
    if (!child) return std::unexpected(child.error());
    parent.children.push_back(std::move(*child));
    if (const auto skipped = skip_blanks(); !skipped) return skipped;
    may_follow = is_next(',');
    if (may_follow) last_mark_ = ++at_;
  }
}

Parsed<JsoncValue> Parser::parse_value(int depth) {
  if (const auto skipped = skip_blanks(); !skipped) return std::unexpected(skipped.error());
  if (depth > k_depth) return problem(fmt::format("more than {} levels of brackets", k_depth));
  JsoncValue value;
  value.begin = at_;
  if (is_next('{') || is_next('[')) {
    value.kind = is_next('{') ? Kind::object : Kind::array;
    last_mark_ = ++at_;
    if (const auto children = parse_children(value, depth + 1); !children) return std::unexpected(children.error());
  } else if (is_next('"')) {
    value.kind = Kind::string;
    auto text = parse_string();
    if (!text) return std::unexpected(text.error());
    value.text = std::move(*text);
  } else if (const auto word = parse_word(); !word) {
    return std::unexpected(word.error());
  }
  value.end = at_;
  return value;
}

Parsed<std::optional<JsoncValue>> Parser::parse_file() {
  if (text_.starts_with(base::k_byte_order_mark)) at_ = base::k_byte_order_mark.size();
  if (const auto skipped = skip_blanks(); !skipped) return std::unexpected(skipped.error());
  if (is_at_end()) return std::nullopt;
  auto value = parse_value(0);
  if (!value) return std::unexpected(value.error());
  if (const auto skipped = skip_blanks(); !skipped) return std::unexpected(skipped.error());
  if (!is_at_end()) return problem(fmt::format("the file should end here, not go on with {}", what_stands_here()));
  return std::move(*value);
}

}  // namespace

std::expected<std::optional<JsoncValue>, JsoncProblem> parse_jsonc(std::string_view text) {
  return Parser(text).parse_file();
}

const JsoncValue* find_member(const JsoncValue& object, std::string_view key) {
  for (const JsoncValue& child : object.children | std::views::reverse)
    if (child.key == key) return &child;
  return nullptr;
}

}  // namespace oc::edit
