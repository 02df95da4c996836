// SPDX-License-Identifier: Apache-2.0
#include "tasks/tool_call.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace oc::tasks {
namespace {

using Json = nlohmann::json;

constexpr std::size_t k_most_bytes = 256 * 1024;
constexpr int k_most_tries = 16;
constexpr std::string_view k_call_begin = "<tool_call>";
constexpr std::string_view k_call_end = "</tool_call>";

struct Object {
  std::string json;      // raw line ends in its texts are escaped
  std::size_t size = 0;  // bytes of it in the text
};

// From a '{' to its partner.
std::optional<Object> take_object(std::string_view text) {
  Object object;
  int depth = 0;
  bool is_in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_in_text && c == '\\' && i + 1 < text.size()) {
      object.json += c;
      object.json += text[++i];
      continue;
    }
    if (c == '"') is_in_text = !is_in_text;
    if (is_in_text && c == '\n') object.json += "\\n";
    else if (is_in_text && c == '\t') object.json += "\\t";
    else object.json += c;
    if (is_in_text) continue;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    if (depth > 0) continue;
    object.size = i + 1;
    return object;
  }
  return std::nullopt;
}

std::string to_words(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json* find_first(const Json& object, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const auto found = object.find(key); found != object.end()) return &*found;
  return nullptr;
}

std::optional<ToolCall> read_call(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  const Json* named = find_first(json, {"name", "tool", "action", "function"});
  const Json* given = find_first(json, {"arguments", "parameters", "args", "input"});
  if (named != nullptr && named->is_object()) {  // {"function": {"name": …, "arguments": …}}
    given = find_first(*named, {"arguments", "parameters", "args", "input"});
    named = find_first(*named, {"name"});
  }
  if (named == nullptr || given == nullptr || !named->is_string()) return std::nullopt;
  ToolCall call{named->get<std::string>(), {}};
  const Json inner = given->is_string() ? Json::parse(given->get<std::string>(), nullptr, false) : *given;
  if (inner.is_object())
    for (const auto& [key, value] : inner.items()) call.values[key] = to_words(value);
  else if (given->is_string()) call.values["target"] = given->get<std::string>();
  return call;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end, std::size_t& at) {
  const std::size_t first = text.find(begin, at);
  if (first == std::string_view::npos) return {};
  const std::size_t last = std::min(text.find(end, first + begin.size()), text.size());
  at = std::min(last + end.size(), text.size());
  return text.substr(first + begin.size(), last - first - begin.size());
}

// <function=read><parameter=path>a.py</parameter></function>
std::optional<ToolCall> read_function_form(std::string_view text) {
  std::size_t at = 0;
  const std::string_view function = between(text, "<function=", "</function>", at);
  const std::size_t name_end = function.find('>');
  if (name_end == std::string_view::npos) return std::nullopt;
  ToolCall call{std::string(base::trim(function.substr(0, name_end))), {}};
  std::size_t inside = name_end;
  while (true) {
    const std::string_view parameter = between(function, "<parameter=", "</parameter>", inside);
    const std::size_t key_end = parameter.find('>');
    if (key_end == std::string_view::npos) return call;
    std::string_view value = parameter.substr(key_end + 1);
    if (value.starts_with('\n')) value.remove_prefix(1);
    call.values[std::string(base::trim(parameter.substr(0, key_end)))] = std::string(base::trim_end(value));
  }
}

bool is_end(std::string_view rest) {
  rest = base::trim(rest);
  for (const std::string_view closing : {std::string_view("```"), k_call_end})
    if (rest.starts_with(closing)) rest = base::trim(rest.substr(closing.size()));
  return rest.empty();
}

// Looks back as far as there are blanks.
bool begins_line(std::string_view text, std::size_t at) {
  while (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t')) --at;
  return at == 0 || text[at - 1] == '\n';
}

}  // namespace

std::string ToolCall::value(std::initializer_list<std::string_view> keys) const {
  for (const std::string_view key : keys)
    if (const auto found = values.find(std::string(key)); found != values.end()) return found->second;
  return "";
}

std::optional<ToolCall> find_tool_call(std::string_view text) {
  if (text.size() > k_most_bytes) return std::nullopt;
  if (auto call = read_function_form(text)) return call;
  const std::size_t tag = text.find(k_call_begin);
  if (tag != std::string_view::npos) {
    const std::size_t brace = text.find('{', tag);
    const auto object = brace == std::string_view::npos ? std::nullopt : take_object(text.substr(brace));
    if (object)
      if (auto call = read_call(object->json)) return call;
  }
  int tries = 0;
  for (std::size_t at = text.find('{'); at != std::string_view::npos && tries < k_most_tries; at = text.find('{', at)) {
    if (!begins_line(text, at)) {
      ++at;
      continue;
    }
    ++tries;
    const auto object = take_object(text.substr(at));
    if (object && is_end(text.substr(at + object->size)))
      if (auto call = read_call(object->json)) return call;
    ++at;
  }
  return std::nullopt;
}

}  // namespace oc::tasks
