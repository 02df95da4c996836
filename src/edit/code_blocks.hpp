// SPDX-License-Identifier: Apache-2.0
// The code inside a model's answer. Answers are Markdown more or less; whatever they are, fences never reach a file.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oc::edit {

struct CodeBlock {
  std::string language;   // first word of the info string, lower case: "python" of "```Python title=x"; may be ""
  std::string code;       // lines with their ends, without the indentation of the fence; line ends as in the answer
  bool is_closed = true;  // false: the answer ended, or the next block began, before its closing fence
  bool operator==(const CodeBlock&) const = default;
};

// A block and where it stands.
struct PlacedBlock {
  CodeBlock block;
  std::string info;            // all that stands behind the opening fence, trimmed
  std::size_t first_line = 0;  // of the opening fence, from 0
  std::size_t end_line = 0;    // behind the closing fence, or behind the last line
};

// The fenced blocks in order. A fence is three or more '`' or '~' at the beginning of a line, indented by any amount;
// the block ends at a line of nothing but as many or more of the same, indented at most three columns more than the
// opening one. "```code```" alone on a line is a block too. A fence with a language inside a block of the same fence
// begins a block inside it if the outer one is Markdown, and else ends the outer one, whose end was forgotten. An
// unclosed block with nothing in it is none. Linear.
std::vector<CodeBlock> find_code_blocks(std::string_view markdown);

// The block whose opening fence is line `at`, of lines with their ends; nullopt: there is none.
std::optional<PlacedBlock> find_block_at(const std::vector<std::string_view>& lines, std::size_t at);

// The code of an answer that should be code, ending with a line end unless it is empty: the longest closed block, else
// the longest unclosed one (an answer that was cut off), else the whole text without blank lines around it; "" if all
// blocks are blank. Where the only fence is a bare one with nothing behind it, the text before it. Never holds a fence
// that marks a block of the answer.
std::string code_only(std::string_view answer);

}  // namespace oc::edit
