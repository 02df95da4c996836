// SPDX-License-Identifier: Apache-2.0
// Prompt text from prompts/*.md, with its {{placeholders}} filled. A pure function of its inputs: no clock, no counter.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "context/piece.hpp"

namespace oc::tasks {

using PromptValues = std::vector<std::pair<std::string_view, std::string>>;

// The text of prompts/NAME.md without its last newline. A name or a placeholder that does not exist is our bug.
std::string prompt_text(std::string_view name, const PromptValues& values = {});

// Stands for the question where a prompt is computed before there is one: what is before it is computed as in any
// prompt that has the same beginning.
inline constexpr const char* k_any_question = ".";

// The most backticks in a row.
std::size_t longest_fence_in(std::string_view text);
// A text between fences that it cannot close.
std::string fenced(std::string_view text, std::string_view language);
// How a piece of a file stands in a prompt: its name, its lines when it is not whole, its text between fences.
std::string framed_piece(const context::Piece& piece);
// Each line of a piece of text with its number in the file before it: "12| return x".
void number_lines(context::Piece& piece);
// How the map of the workspace stands in a prompt.
std::string framed_map(std::string_view map);

}  // namespace oc::tasks
