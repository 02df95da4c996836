// SPDX-License-Identifier: Apache-2.0
// The ways in which models write calls of tools as text. Qwen2.5-Coder was trained on <tool_call>{JSON}</tool_call> and
// leaves out tags, fences its JSON or writes it behind words; its successors write <function=name><parameter=x>. Pure;
// the text is hostile.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace oc::tasks {

struct ToolCall {
  std::string name;
  std::map<std::string, std::string> values;  // numbers and the like as they are written in JSON

  // The first of these that is there; "" if none is.
  std::string value(std::initializer_list<std::string_view> keys) const;
  bool operator==(const ToolCall&) const = default;
};

// The first one in the text. Bare JSON counts only where nothing but blanks, a fence or an ending tag follows it. JSON
// with raw line ends inside its texts, as small models write it, is read. Linear in the text for each brace that begins
// a line, of which 16 are tried; nothing of more than 256 kB is.
std::optional<ToolCall> find_tool_call(std::string_view text);

}  // namespace oc::tasks
