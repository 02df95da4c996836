// SPDX-License-Identifier: Apache-2.0
// The text that is being typed, and the cursor in it. Steps by what the eye takes for one character. A long paste is
// one character of it, shown as a line about it. Pure; every operation is linear in the text without long pastes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace oc::cli {

class LineBuffer {
 public:
  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }  // byte offset in text(), at a character's boundary
  bool empty() const { return text_.empty(); }

  void set(std::string_view text);  // the cursor goes to its end
  void insert(std::string_view text);
  void insert_paste(std::string text);
  // The part from `begin` to the cursor becomes `text`.
  void replace_before_cursor(std::size_t begin, std::string_view text);

  void left();
  void right();
  void word_left();
  void word_right();
  void home();  // of the line
  void end();
  bool up();  // false: it is the first line
  bool down();
  void backspace();
  void remove();
  void kill_to_end();
  void kill_to_start();
  void kill_word();
  void yank();
  void transpose();

  // What the user means: with all of what was pasted.
  std::string message() const;
  // A long paste as a line about it; `cursor` becomes the offset in that.
  std::string shown(std::size_t& cursor) const;

 private:
  std::size_t before(std::size_t at) const;
  std::size_t after(std::size_t at) const;
  std::size_t line_start(std::size_t at) const;
  std::size_t line_end(std::size_t at) const;
  void move_to_line(std::size_t start, std::size_t column);
  void kill(std::size_t begin, std::size_t end);

  std::string text_;  // of a long paste: a character of a private plane
  std::size_t cursor_ = 0;
  std::string killed_;
  std::vector<std::string> pastes_;
};

}  // namespace oc::cli
