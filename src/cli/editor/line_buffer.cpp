// SPDX-License-Identifier: Apache-2.0
#include "cli/editor/line_buffer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.hpp"

namespace oc::cli {
namespace {

constexpr std::size_t k_long_paste_bytes = 2000;
constexpr std::size_t k_long_paste_lines = 20;
// U+F0000 and what follows stand for pastes; their UTF-8 begins with these bytes.
constexpr std::string_view k_paste_head = "\xf3\xb0";
constexpr std::size_t k_most_pastes = 4096;

std::size_t length_at(std::string_view text, std::size_t at) {
  const auto byte = static_cast<unsigned char>(text[at]);
  const std::size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  return std::min(length, text.size() - at);
}

std::string paste_character(std::size_t number) {
  return std::string(k_paste_head) + static_cast<char>(0x80 | (number >> 6)) +
         static_cast<char>(0x80 | (number & 0x3f));
}

bool is_paste_at(std::string_view text, std::size_t at) {
  return text.substr(at).starts_with(k_paste_head) && at + 4 <= text.size();
}

std::size_t paste_number_at(std::string_view text, std::size_t at) {
  return (static_cast<std::size_t>(text[at + 2] & 0x3f) << 6) | static_cast<std::size_t>(text[at + 3] & 0x3f);
}

// Nothing that comes from outside may look like a paste.
std::string without_paste_characters(std::string_view text) {
  std::string kept;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = length_at(text, i);
    if (!is_paste_at(text, i)) kept += text.substr(i, length);
    i += length;
  }
  return kept;
}

bool is_word(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_combining(std::string_view character) { return character != "\n" && base::display_width(character) == 0; }

}  // namespace

void LineBuffer::set(std::string_view text) {
  text_ = without_paste_characters(text);
  cursor_ = text_.size();
}

void LineBuffer::insert(std::string_view text) {
  const std::string kept = without_paste_characters(text);
  text_.insert(cursor_, kept);
  cursor_ += kept.size();
}

void LineBuffer::insert_paste(std::string text) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  const bool is_long = text.size() > k_long_paste_bytes || lines > k_long_paste_lines;
  if (!is_long || pastes_.size() == k_most_pastes) return insert(text);
  const std::string character = paste_character(pastes_.size());
  pastes_.push_back(std::move(text));
  text_.insert(cursor_, character);
  cursor_ += character.size();
}

void LineBuffer::replace_before_cursor(std::size_t begin, std::string_view text) {
  text_.erase(begin, cursor_ - begin);
  cursor_ = begin;
  insert(text);
}

std::size_t LineBuffer::after(std::size_t at) const {
  if (at >= text_.size()) return text_.size();
  at += length_at(text_, at);
  while (at < text_.size() && is_combining(std::string_view(text_).substr(at, length_at(text_, at))))
    at += length_at(text_, at);
  return at;
}

std::size_t LineBuffer::before(std::size_t at) const {
  while (at > 0) {
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text_[at]) & 0xc0) == 0x80);
    if (!is_combining(std::string_view(text_).substr(at, length_at(text_, at)))) break;
  }
  return at;
}

std::size_t LineBuffer::line_start(std::size_t at) const {
  const std::size_t newline = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
  return newline == std::string::npos ? 0 : newline + 1;
}

std::size_t LineBuffer::line_end(std::size_t at) const { return std::min(text_.find('\n', at), text_.size()); }

void LineBuffer::left() { cursor_ = before(cursor_); }
void LineBuffer::right() { cursor_ = after(cursor_); }
void LineBuffer::home() { cursor_ = line_start(cursor_); }
void LineBuffer::end() { cursor_ = line_end(cursor_); }

void LineBuffer::word_left() {
  while (cursor_ > 0 && !is_word(text_[before(cursor_)])) left();
  while (cursor_ > 0 && is_word(text_[before(cursor_)])) left();
}

void LineBuffer::word_right() {
  while (cursor_ < text_.size() && !is_word(text_[cursor_])) right();
  while (cursor_ < text_.size() && is_word(text_[cursor_])) right();
}

void LineBuffer::move_to_line(std::size_t start, std::size_t column) {
  cursor_ = start;
  const std::size_t last = line_end(start);
  while (cursor_ < last && base::display_width(std::string_view(text_).substr(start, after(cursor_) - start)) <= column)
    right();
}

bool LineBuffer::up() {
  const std::size_t start = line_start(cursor_);
  if (start == 0) return false;
  move_to_line(line_start(start - 1), base::display_width(std::string_view(text_).substr(start, cursor_ - start)));
  return true;
}

bool LineBuffer::down() {
  const std::size_t start = line_start(cursor_), last = line_end(cursor_);
  if (last == text_.size()) return false;
  move_to_line(last + 1, base::display_width(std::string_view(text_).substr(start, cursor_ - start)));
  return true;
}

void LineBuffer::backspace() {
  const std::size_t begin = before(cursor_);
  text_.erase(begin, cursor_ - begin);
  cursor_ = begin;
}

void LineBuffer::remove() { text_.erase(cursor_, after(cursor_) - cursor_); }

void LineBuffer::kill(std::size_t begin, std::size_t end) {
  if (begin == end) return;
  killed_ = text_.substr(begin, end - begin);
  text_.erase(begin, end - begin);
  cursor_ = begin;
}

void LineBuffer::kill_to_end() {
  const std::size_t last = line_end(cursor_);
  kill(cursor_, last == cursor_ ? after(cursor_) : last);
}

void LineBuffer::kill_to_start() { kill(line_start(cursor_), cursor_); }

void LineBuffer::kill_word() {
  const std::size_t end = cursor_;
  while (cursor_ > 0 && (text_[before(cursor_)] == ' ' || text_[before(cursor_)] == '\n')) left();
  while (cursor_ > 0 && text_[before(cursor_)] != ' ' && text_[before(cursor_)] != '\n') left();
  kill(cursor_, end);
}

void LineBuffer::yank() {
  text_.insert(cursor_, killed_);
  cursor_ += killed_.size();
}

void LineBuffer::transpose() {
  if (cursor_ == text_.size()) left();
  const std::size_t begin = before(cursor_), end = after(cursor_);
  if (begin == cursor_ || end == cursor_) return;
  const std::string first = text_.substr(begin, cursor_ - begin);
  text_ = text_.substr(0, begin) + text_.substr(cursor_, end - cursor_) + first + text_.substr(end);
  cursor_ = end;
}

std::string LineBuffer::message() const {
  std::string message;
  for (std::size_t i = 0; i < text_.size();) {
    const std::size_t length = length_at(text_, i);
    if (is_paste_at(text_, i)) message += pastes_[paste_number_at(text_, i)];
    else message += text_.substr(i, length);
    i += length;
  }
  return message;
}

std::string LineBuffer::shown(std::size_t& cursor) const {
  std::string text;
  cursor = 0;
  for (std::size_t i = 0; i < text_.size();) {
    if (i == cursor_) cursor = text.size();
    const std::size_t length = length_at(text_, i);
    if (is_paste_at(text_, i)) {
      const std::string& paste = pastes_[paste_number_at(text_, i)];
      const std::int64_t lines = std::ranges::count(paste, '\n') + 1;
      text += fmt::format("[pasted: {} {}]", base::format_count(lines), lines == 1 ? "line" : "lines");
    } else {
      text += text_.substr(i, length);
    }
    i += length;
  }
  if (cursor_ == text_.size()) cursor = text.size();
  return text;
}

}  // namespace oc::cli
