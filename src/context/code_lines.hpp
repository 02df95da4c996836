// SPDX-License-Identifier: Apache-2.0
// Lines of a text as bytes, and code moved to another indentation as a whole. Line ends, tabs and what stands inside of
// strings of several lines stay as they are.
#pragma once

#include <string>
#include <string_view>

#include "syntax/code_tree.hpp"

namespace oc::context {

// "\r\n" where the text's first line ends so; else "\n".
std::string_view line_end_of(std::string_view text);
// The byte with which the line round a place begins (behind a byte order mark), and the one behind its line end.
std::size_t begin_of_line(std::string_view text, std::size_t at);
std::size_t end_of_line(std::string_view text, std::size_t at);
std::string_view indentation_at(std::string_view text, std::size_t at);
base::LineNumber line_at(std::string_view text, std::size_t at);

// Whole lines with `from` at their beginning, each with `to` instead; others keep what they have.
std::string moved_lines(const syntax::CodeTree& tree, const syntax::ByteRange& lines, std::string_view from,
                        std::string_view to);

}  // namespace oc::context
