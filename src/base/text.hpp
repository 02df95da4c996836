// SPDX-License-Identifier: Apache-2.0
// Text as bytes: UTF-8 checks, lines, names that are nearly right. Pure functions, no locale.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/units.hpp"

namespace oc::base {

// Offset of the first byte that is not well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
std::optional<std::size_t> find_invalid_utf8(std::string_view text);
// Every ill-formed byte sequence replaced by U+FFFD, one for each maximal subpart (Unicode 15, §3.9).
std::string replace_invalid_utf8(std::string_view text);
// Length of the longest prefix that ends at a character boundary: what may be shown while more bytes follow.
// Bytes that can never become a character count as complete.
std::size_t complete_utf8_prefix(std::string_view text);
// Columns that a text takes in a terminal, roughly: characters, wide ones (East Asian, emoji) twice, combining ones
// not.
std::size_t display_width(std::string_view text);

// How a file ends its lines; mixed files follow the first line end.
enum class LineEnd { lf, crlf };
LineEnd detect_line_end(std::string_view text);
// "\r\n" → "\n".
std::string to_lf(std::string_view text);
// "\n" → the given line end; text must have LF line ends.
std::string with_line_end(std::string_view text, LineEnd line_end);

inline constexpr std::string_view k_byte_order_mark = "\xEF\xBB\xBF";

// The lines without their ends; "a\n" is one line, "" is none.
std::vector<std::string_view> split_lines(std::string_view text);
std::string_view trim(std::string_view text);
std::string_view trim_end(std::string_view text);
bool is_blank(std::string_view text);
// A to Z alone; other letters stay.
std::string to_lower_ascii(std::string_view text);
// The spaces and tabs a line begins with.
std::string_view indentation(std::string_view line);

// A NUL byte in the first 8 KiB: git's rule for "binary".
bool looks_binary(std::string_view text);

// The candidate with the smallest edit distance (Levenshtein), if close enough to be a typing mistake
// (at most a third of the word, at least 1). For "did you mean".
std::optional<std::string> find_nearest(std::string_view word, std::span<const std::string> candidates);

// 4683073184 → "4.68 GB" (decimal units, as model files are advertised).
std::string format_bytes(ByteCount bytes);
// 3120 → "3 120".
std::string format_count(std::int64_t count);
// Does the code point draw nothing, or turn the direction of what follows? A name with it is not what it seems to be.
bool is_hidden_character(char32_t code);
// The text without them, as the eye sees it.
std::string without_hidden_characters(std::string_view text);
// 'text' with control characters, and those that hide or turn text, escaped: for messages about file names and user
// data.
std::string in_quotes(std::string_view text);

}  // namespace oc::base
