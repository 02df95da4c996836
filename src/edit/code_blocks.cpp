// SPDX-License-Identifier: Apache-2.0
#include "edit/code_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "edit/line_match.hpp"

namespace oc::edit {
namespace {

constexpr std::size_t k_shortest_fence = 3;
constexpr std::size_t k_closing_indent = 3;  // columns that a closing fence may stand further right

struct Fence {
  char mark = '`';
  std::size_t length = 0;
  std::size_t indent = 0;
  std::string_view info;  // trimmed
};

std::optional<Fence> parse_fence(std::string_view line) {
  Fence fence;
  fence.indent = base::indentation(line).size();
  std::string_view rest = line.substr(fence.indent);
  if (rest.empty() || (rest.front() != '`' && rest.front() != '~')) return std::nullopt;
  fence.mark = rest.front();
  fence.length = std::min(rest.find_first_not_of(fence.mark), rest.size());
  fence.info = base::trim(rest.substr(fence.length));
  const bool is_inline = fence.mark == '`' && fence.info.find('`') != std::string_view::npos;
  if (fence.length < k_shortest_fence || is_inline) return std::nullopt;
  return fence;
}

bool can_close(const Fence& fence, const Fence& open) {
  return fence.mark == open.mark && fence.length >= open.length && fence.info.empty() &&
         fence.indent <= open.indent + k_closing_indent;
}

bool can_open_inside(const Fence& fence, const Fence& open) {
  return fence.mark == open.mark && fence.length >= open.length && !fence.info.empty() &&
         fence.indent <= open.indent + k_closing_indent;
}

// "python" of "Python title=x", of "{.python .numberLines}" and of "python{1,3}".
std::string language_of(std::string_view info) {
  while (!info.empty() && (info.front() == '{' || info.front() == '.')) info.remove_prefix(1);
  std::string language(info.substr(0, info.find_first_of(" \t{},:")));
  std::ranges::transform(language, language.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return language;
}

bool is_markdown(std::string_view language) { return language == "markdown" || language == "md" || language == "mdx"; }

// The code of "```code```".
std::optional<std::string> parse_one_line_block(std::string_view line) {
  const std::string_view text = base::trim(line);
  const std::size_t length = std::min(text.find_first_not_of('`'), text.size());
  if (length < k_shortest_fence || text.size() <= 2 * length) return std::nullopt;
  const std::string_view inner = text.substr(length, text.size() - 2 * length);
  const bool is_closed = text.substr(text.size() - length).find_first_not_of('`') == std::string_view::npos;
  if (!is_closed || inner.find('`') != std::string_view::npos) return std::nullopt;
  return std::string(base::trim(inner)) + "\n";
}

// Takes a block line by line; the state is the blocks that are open, the outermost first.
class BlockReader {
 public:
  BlockReader(const Fence& fence, std::size_t line) : open_{fence} {
    read_.block.language = language_of(fence.info);
    read_.info = fence.info;
    read_.first_line = line;
  }

  // false: the block has ended, with or before this line.
  bool take(std::string_view line, std::size_t number) {
    const auto fence = parse_fence(line);
    if (fence && can_close(*fence, open_.back())) {
      open_.pop_back();
      if (open_.empty()) return end(true, number + 1);
    } else if (fence && can_open_inside(*fence, open_.back())) {
      if (!is_markdown(language_of(open_.back().info))) {
        if (open_.size() == 1) return end(false, number);
        open_.pop_back();
      }
      open_.push_back(*fence);
    }
    const std::size_t indent = std::min(base::indentation(line).size(), outer_indent_);
    read_.block.code.append(line.substr(indent));
    return true;
  }

  bool end(bool has_fence, std::size_t end_line) {
    read_.block.is_closed = has_fence;
    read_.end_line = end_line;
    return false;
  }

  std::optional<PlacedBlock> result() {
    if (!read_.block.is_closed && base::is_blank(read_.block.code)) return std::nullopt;
    return std::move(read_);
  }

 private:
  PlacedBlock read_;
  std::vector<Fence> open_;
  std::size_t outer_indent_ = open_.front().indent;
};

const CodeBlock* find_longest(const std::vector<CodeBlock>& blocks, bool is_closed) {
  const CodeBlock* longest = nullptr;
  for (const CodeBlock& block : blocks)
    if (block.is_closed == is_closed && !base::is_blank(block.code) &&
        (longest == nullptr || block.code.size() > longest->code.size()))
      longest = &block;
  return longest;
}

// A bare fence that closes nothing: the answer began inside a block.
std::string_view before_first_fence(std::string_view answer) {
  std::size_t at = 0;
  for (const std::string_view line : lines_with_ends(answer)) {
    if (parse_fence(line)) return answer.substr(0, at);
    at += line.size();
  }
  return answer;
}

std::string_view without_blank_lines_around(std::string_view text) {
  std::size_t begin = 0;
  for (const std::string_view line : lines_with_ends(text)) {
    if (!base::is_blank(line)) break;
    begin += line.size();
  }
  return base::trim_end(text.substr(begin));
}

}  // namespace

std::optional<PlacedBlock> find_block_at(const std::vector<std::string_view>& lines, std::size_t at) {
  const auto fence = parse_fence(lines[at]);
  if (!fence) {
    auto code = parse_one_line_block(lines[at]);
    if (!code) return std::nullopt;
    return PlacedBlock{{"", std::move(*code), true}, "", at, at + 1};
  }
  BlockReader reader(*fence, at);
  std::size_t line = at + 1;
  while (line < lines.size() && reader.take(lines[line], line)) ++line;
  if (line == lines.size()) reader.end(false, line);
  return reader.result();
}

std::vector<CodeBlock> find_code_blocks(std::string_view markdown) {
  std::vector<CodeBlock> blocks;
  const std::vector<std::string_view> lines = lines_with_ends(markdown);
  for (std::size_t at = 0; at < lines.size();) {
    auto placed = find_block_at(lines, at);
    at = placed ? std::max(placed->end_line, at + 1) : at + 1;
    if (placed) blocks.push_back(std::move(placed->block));
  }
  return blocks;
}

std::string code_only(std::string_view answer) {
  const std::vector<CodeBlock> blocks = find_code_blocks(answer);
  const CodeBlock* block = find_longest(blocks, true);
  if (block == nullptr) block = find_longest(blocks, false);
  if (block == nullptr && !blocks.empty()) return {};
  std::string code(block != nullptr ? std::string_view(block->code)
                                    : without_blank_lines_around(before_first_fence(answer)));
  if (!code.empty() && !code.ends_with('\n'))
    code += base::detect_line_end(code) == base::LineEnd::crlf ? "\r\n" : "\n";
  return code;
}

}  // namespace oc::edit
