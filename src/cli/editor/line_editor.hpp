// SPDX-License-Identifier: Apache-2.0
// A message typed at a terminal: editing over several lines, history, completion, pastes of any size. Main thread only.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/keyboard.hpp"
#include "cli/editor/keys.hpp"
#include "cli/editor/line_buffer.hpp"

namespace oc::cli {

// What the word before the cursor may become.
struct Completion {
  std::size_t begin = 0;  // of the word
  std::vector<std::string> candidates;
};

class LineEditor {
 public:
  struct Options {
    std::string prompt;
    std::function<Completion(std::string_view text_before_cursor)> complete;
    std::function<void(std::string_view bytes)> write;  // to the terminal
  };
  explicit LineEditor(Options options) : options_(std::move(options)) {}

  enum class Ending { entered, interrupted, end };
  // Blocks until a message is there (`text`), Ctrl-C, or Ctrl-D in an empty line; the terminal is as before afterwards.
  Ending read(std::string& text);
  // The newest last.
  void remember(std::string message);

 private:
  enum class Step { goes_on, entered, interrupted, end };
  Step take(const Key& key);
  Step enter();
  void edit(Key::Name name);
  void complete();
  void older();
  void newer();
  void search();
  void draw();

  Options options_;
  LineBuffer buffer_;
  std::vector<std::string> history_;
  std::size_t place_ = 0;  // in the history; its size: the text that is new
  std::string new_text_;   // while an older one is shown
  std::string searched_;   // what Ctrl-R looks for, while it is pressed again and again
  bool is_searching_ = false;
  std::vector<Key> ahead_;     // typed for the next message
  std::size_t drawn_row_ = 0;  // the cursor's, of what is on the screen
  std::size_t width_ = 0;
};

}  // namespace oc::cli
